import { spawn } from "node:child_process";
import { send } from "./channel.ts";
import { signalGroup } from "./group.ts";
import type { Ending, OutputStream, ToGuest } from "./protocol.ts";

type ExecMessage = Extract<ToGuest, { type: "exec" }>;

/** How long output may still arrive after the command itself has ended, when something it started keeps the pipes open. */
const DRAIN_MS = 200;

/** Runs a command beside the main one, in a process group of its own so that a timeout ends all of it. */
export function execute({ id, argv, env, cwd, stdin, timeoutMs, outputLimit }: ExecMessage): void {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"], detached: true });
  let timedOut = false;
  let reported = false;

  const timer = setTimeout(() => {
    timedOut = true;
    signalGroup(child, "SIGKILL");
  }, timeoutMs);

  const report = (ending: Ending): void => {
    if (reported) return;
    reported = true;
    clearTimeout(timer);
    send({ type: "exec-exit", id, ending, timedOut });
  };

  for (const stream of ["stdout", "stderr"] as const) forward(stream);
  child.once("error", (error) => report({ code: 127, signal: null, error: error.message }));
  child.once("exit", (code, signal) => {
    setTimeout(() => report({ code, signal }), DRAIN_MS);
  });
  child.once("close", (code, signal) => report({ code, signal }));
  // A command that never reads its input closes it early; that is its own business.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin ?? "");

  function forward(stream: OutputStream): void {
    let room = outputLimit;
    child[stream].on("data", (data: Buffer) => {
      if (reported || room <= 0) return;
      const part = data.subarray(0, room);
      room -= part.length;
      send({ type: "exec-output", id, stream, data: part });
    });
  }
}
