/** Pure: what the wrapper is called with, and what its answer says. */
import type { ExecRequest } from "../../providers/provider.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { RUNNER, WRAPPER } from "./wrapper.ts";

export interface Command {
  /** Passed on exactly; no shell is implied. */
  argv: string[];
  cwd?: string;
  env?: Record<string, string>;
  stdin?: Uint8Array;
  /** After it the whole process group is ended. 0 is never. */
  timeoutSeconds?: number;
}

export interface Offsets {
  stdout: number;
  stderr: number;
}

/** How one call waits inside the machine, and how much it brings along. */
export interface Glance {
  until: "exit" | "output";
  holdSeconds: number;
  offsets: Offsets;
  /** Per stream, in bytes. */
  limit: number;
}

/** What the machine says about a command. */
export type Snapshot =
  /** Nothing is known of it: never started, or cleaned up, or lost with the root disk. */
  | { state: "gone" }
  /** The machine has booted since the first try, so it was not started again. */
  | { state: "rebooted" }
  /** No folder in the machine can be written. */
  | { state: "nowhere" }
  | { state: "running" | "exited"; stdout: Uint8Array; stderr: Uint8Array; sizes: Offsets; exit?: Exit };

export interface Exit {
  code: number;
  timedOut: boolean;
  /** By the machine's own clock; absent where /proc does not tell. */
  durationMs?: number;
}

/**
 * How much standard input travels with the start. One argument may have 128 KiB in Linux, base64 takes a third more, and
 * the environment wants room as well.
 */
export const STDIN_PART_BYTES = 64 * 1024;

/** What a call may take beyond its hold before the vendor is told to give up on it. */
const MARGIN_SECONDS = 10;

export function startRequest(id: string, command: Command, glance: Glance, ageSeconds: number): ExecRequest {
  const env = Object.entries(command.env ?? {});
  const parameters = [
    ...glanceParameters(glance),
    String(Math.ceil(ageSeconds)),
    String(Math.ceil(command.timeoutSeconds ?? 0)),
    command.cwd ?? "",
    stdinParameter(command.stdin),
    String(env.length),
    ...env.map(([name, value]) => `${name}=${value}`),
    ...command.argv,
  ];
  return request("start", id, RUNNER, parameters, glance.holdSeconds);
}

export function pollRequest(id: string, glance: Glance): ExecRequest {
  return request("poll", id, "", glanceParameters(glance), glance.holdSeconds);
}

export function cancelRequest(
  id: string,
  { offsets, limit }: Pick<Glance, "offsets" | "limit">,
): ExecRequest {
  return request("cancel", id, "", [String(offsets.stdout), String(offsets.stderr), String(limit)], 4);
}

/** Standard input too big to travel with the start goes ahead of it, part by part; each may be sent again. */
export function putRequests(id: string, stdin: Uint8Array | undefined): ExecRequest[] {
  return stdinParts(stdin).map((part, index) => request("put", id, "", [String(index), toBase64(part)], 0));
}

/** What is wrong with a command, or undefined. */
export function findCommandProblem({ argv, env, cwd }: Command): string | undefined {
  if (argv.length === 0 || argv[0] === "") return "There is no command to run.";
  const name = Object.keys(env ?? {}).find((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key));
  if (name !== undefined) return `"${name}" cannot be the name of an environment variable in a shell.`;
  if ([...argv, ...Object.values(env ?? {}), cwd ?? ""].some((text) => text.includes("\0"))) {
    return "A command cannot hold a NUL character.";
  }
  return undefined;
}

/** Undefined for an answer that is not whole: cut short by the vendor, or not the wrapper's at all. */
export function parseSnapshot(stdout: string): Snapshot | undefined {
  const [head = "", ...rest] = stdout.split("\n");
  const [mark, state, code, timedOut, began, ended, outSize, errSize] = head.split(" ");
  if (mark !== "gentity-exec/1") return undefined;
  if (state === "gone" || state === "rebooted" || state === "nowhere") return { state };
  if (state !== "running" && state !== "exited") return undefined;
  const [out, err, tail] = rest.join("\n").split(/^\.\n/m);
  if (out === undefined || err === undefined || tail?.trim() !== "end") return undefined;
  const snapshot: Snapshot = {
    state,
    stdout: fromBase64(out),
    stderr: fromBase64(err),
    sizes: { stdout: Number(outSize), stderr: Number(errSize) },
  };
  if (state === "exited") {
    snapshot.exit = { code: Number(code), timedOut: timedOut === "1" };
    const durationMs = Math.round((Number(ended) - Number(began)) * 1000);
    if (durationMs >= 0) snapshot.exit.durationMs = durationMs;
  }
  return snapshot;
}

/** Whether a part of the standard input arrived. */
export function isPut(stdout: string): boolean {
  return stdout.startsWith("gentity-exec/1 put");
}

function request(
  op: string,
  id: string,
  runner: string,
  parameters: string[],
  holdSeconds: number,
): ExecRequest {
  return {
    command: ["/bin/sh", "-c", WRAPPER, "gentity-exec", op, id, runner, ...parameters],
    timeoutSeconds: holdSeconds + MARGIN_SECONDS,
  };
}

function glanceParameters({ until, holdSeconds, offsets, limit }: Glance): string[] {
  return [
    until,
    String(Math.floor(holdSeconds)),
    String(offsets.stdout),
    String(offsets.stderr),
    String(limit),
  ];
}

function stdinParts(stdin: Uint8Array | undefined): Uint8Array[] {
  if (stdin === undefined || stdin.length <= STDIN_PART_BYTES) return [];
  const parts: Uint8Array[] = [];
  for (let at = 0; at < stdin.length; at += STDIN_PART_BYTES)
    parts.push(stdin.subarray(at, at + STDIN_PART_BYTES));
  return parts;
}

function stdinParameter(stdin: Uint8Array | undefined): string {
  if (stdin === undefined || stdin.length === 0) return "none";
  const parts = stdinParts(stdin).length;
  return parts === 0 ? `inline:${toBase64(stdin)}` : `parts:${parts}`;
}
