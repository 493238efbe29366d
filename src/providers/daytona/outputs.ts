/** Pure: a command's outputs, in whichever of its forms the vendor answers. */
import type { DaytonaLogs } from "./schema.ts";

export interface Outputs {
  stdout: string;
  stderr: string;
  /** Nothing told the two apart: all of it stands in `stdout`. */
  mixed?: true;
}

/** What stands before each part of an output in the older form. */
const STDOUT_MARK = "\x01\x01\x01";
const STDERR_MARK = "\x02\x02\x02";

export function readOutputs(logs: DaytonaLogs): Outputs {
  if (typeof logs === "string") return byMarks(logs);
  const { stdout, stderr, output } = logs;
  if (typeof stdout === "string" || typeof stderr === "string") {
    return { stdout: stdout ?? "", stderr: stderr ?? "" };
  }
  return byMarks(output ?? "");
}

/** Both outputs as one, in the vendor's order. */
export function readMixed(logs: DaytonaLogs): string {
  const text = typeof logs === "string" ? logs : logs.output;
  if (text !== undefined) return text.replaceAll(STDOUT_MARK, "").replaceAll(STDERR_MARK, "");
  const { stdout, stderr } = readOutputs(logs);
  return stdout + stderr;
}

function byMarks(text: string): Outputs {
  if (text === "") return { stdout: "", stderr: "" };
  if (!text.includes(STDOUT_MARK) && !text.includes(STDERR_MARK)) {
    return { stdout: text, stderr: "", mixed: true };
  }
  const outputs = { stdout: "", stderr: "" };
  for (const part of text.split(STDOUT_MARK)) {
    const [out = "", ...err] = part.split(STDERR_MARK);
    outputs.stdout += out;
    outputs.stderr += err.join("");
  }
  return outputs;
}
