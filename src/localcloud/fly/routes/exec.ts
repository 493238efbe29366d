import { constants } from "node:os";
import { Hono } from "hono";
import * as z from "zod";
import { MachineGoneError } from "../../runtime/guest-link.ts";
import type { ExecResult } from "../../runtime/runtime.ts";
import { deadlineExceeded, invalid, machineLost, notFound } from "../errors.ts";
import { splitWords } from "../words.ts";
import { type ApiEnv, body, param, type RouteContext } from "./http.ts";

const DEFAULT_SECONDS = 30;
/** Longer ones were seen to end in the same 408 whatever was asked for. */
const LONGEST_SECONDS = 60;

const execRequest = z.looseObject({
  command: z.array(z.string()).optional(),
  cmd: z.string().optional(),
  timeout: z.int().nonnegative().optional(),
  stdin: z.string().optional(),
  container: z.string().optional(),
});

/** A command that failed is an answer, not an error. */
function execView({ ending, stdout, stderr }: ExecResult) {
  const { code, signal, error } = ending;
  return {
    // The vendor leaves out what has no value; a command ended by a signal has no code.
    ...(code === null ? {} : { exit_code: code }),
    ...(signal === null ? {} : { exit_signal: constants.signals[signal] ?? 0 }),
    stdout,
    // [?] What the vendor answers when there is no such command; a shell says 127 and the reason.
    stderr: error ? `${stderr}${error}\n` : stderr,
  };
}

export function execRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.post("/apps/:app/machines/:machine/exec", async (c) => {
    const actor = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    const { command, cmd, timeout, stdin, container } = await body(c, execRequest);
    const argv = command?.length ? command : splitWords(cmd ?? "");
    if (argv.length === 0) throw invalid("command is required");
    if (container) throw notFound(`container ${container}`);
    const seconds = Math.min(timeout || DEFAULT_SECONDS, LONGEST_SECONDS);
    const machine = actor.requireStarted("exec");
    try {
      const result = await machine.exec({ argv, stdin, timeoutMs: seconds * 1000 });
      if (result.timedOut) throw deadlineExceeded("context deadline exceeded");
      return c.json(execView(result));
    } catch (error) {
      if (error instanceof MachineGoneError) throw machineLost();
      throw error;
    }
  });

  routes.get("/apps/:app/machines/:machine/ps", async (c) => {
    const actor = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    const processes = await actor.requireStarted("list processes").processes();
    return c.json(
      processes.map(({ pid, command, directory, rssBytes }) => ({
        pid,
        command,
        directory,
        rss: rssBytes,
        cpu: 0,
        rtime: 0,
        stime: 0,
        listen_sockets: [],
      })),
    );
  });

  return routes;
}
