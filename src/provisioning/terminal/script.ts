/** Pure: what the terminal's wrapper is called with, and what its answer says. */
import type { ExecRequest } from "../../providers/provider.ts";
import { fromBase64, toBase64 } from "../exec/base64.ts";
import { RUNNER, WRAPPER } from "./wrapper.ts";

export interface Size {
  cols: number;
  rows: number;
}

export interface Shell {
  /** Absent: the machine's bash, or its sh, as a login shell. */
  argv?: string[];
  cwd?: string;
  env?: Record<string, string>;
}

export type Glimpse =
  | { state: "gone" | "nowhere" | "unequipped" }
  | {
      state: "running" | "exited";
      exitCode?: number;
      /** Where the data begins in all that was ever shown. */
      offset: number;
      data: Uint8Array;
      /** How much was ever shown, where the machine looked. */
      size: number;
    };

/** More than a person types at once; a pty takes 4096 bytes of a line. */
export const INPUT_BYTES = 2048;

const MARGIN_SECONDS = 10;

export function openRequest(id: string, size: Size, shell: Shell): ExecRequest {
  return request("open", id, [String(size.cols), String(size.rows), shellCode(shell), RUNNER], 5);
}

export function readRequest(
  id: string,
  options: { offset: number; limit: number; holdSeconds: number },
): ExecRequest {
  const { offset, limit, holdSeconds } = options;
  return request("io", id, [String(offset), String(limit), String(holdSeconds), "0", ""], holdSeconds);
}

/** Sent again with the same number, the input is typed once. */
export function writeRequest(
  id: string,
  options: { offset: number; limit: number; sequence: number; input: Uint8Array },
): ExecRequest {
  const { offset, limit, sequence, input } = options;
  return request("io", id, [String(offset), String(limit), "0", String(sequence), inputParameter(input)], 5);
}

export function resizeRequest(id: string, { cols, rows }: Size): ExecRequest {
  return request("resize", id, [String(cols), String(rows)], 5);
}

export function closeRequest(id: string): ExecRequest {
  return request("close", id, [], 5);
}

/** Undefined for an answer that is not whole. */
export function parseGlimpse(stdout: string): Glimpse | undefined {
  const lines = stdout.split("\n");
  const [mark, state, code, offset, size] = (lines[0] ?? "").split(" ");
  if (mark !== "gentity-tty/1") return undefined;
  if (state === "gone" || state === "nowhere" || state === "unequipped") return { state };
  if (state !== "running" && state !== "exited") return undefined;
  const end = lines.lastIndexOf("end");
  if (end < 1) return undefined;
  const glimpse: Glimpse = {
    state,
    offset: Number(offset),
    data: fromBase64(lines.slice(1, end).join("")),
    size: Number(size),
  };
  if (state === "exited") glimpse.exitCode = Number(code);
  return glimpse;
}

/** In single quotes nothing has a meaning to a shell; a quote itself is written outside of them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function shellCode({ argv, cwd, env }: Shell): string {
  const lines = Object.entries(env ?? {}).map(([name, value]) => `export ${name}=${quote(value)}`);
  if (cwd !== undefined) lines.push(`cd ${quote(cwd)}`);
  if (argv !== undefined) lines.push(`exec ${argv.map(quote).join(" ")}`);
  else
    lines.push("if command -v bash >/dev/null 2>&1; then export SHELL=bash; exec bash -l; fi", "exec sh -l");
  return lines.join("\n");
}

/** Text travels as it is where it can: decoding costs the machine a process per key. */
function inputParameter(input: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input);
    return text.includes("\0") ? `b:${toBase64(input)}` : `t:${text}`;
  } catch {
    return `b:${toBase64(input)}`;
  }
}

function request(op: string, id: string, parameters: string[], seconds: number): ExecRequest {
  return {
    command: ["/bin/sh", "-c", WRAPPER, "gentity-tty", op, id, ...parameters],
    timeoutSeconds: seconds + MARGIN_SECONDS,
  };
}
