/** The vendor's program inside a sandbox, as its proxy shows it: `/toolbox/{sandbox}/…`. */
import { Hono, type MiddlewareHandler } from "hono";
import * as z from "zod";
import type { Sandbox } from "../engine/sandbox.ts";
import { EXECUTE } from "../engine/scripts.ts";
import { runInside } from "../engine/sessions.ts";
import { executionTimeout, sessionNotFound } from "../errors.ts";
import { type ApiContext, type ApiEnv, type DaytonaRoutes, param, read } from "./http.ts";

const DEFAULT_SECONDS = 10;
/** From this version of a client on, outputs come apart; older ones get one text with a mark before each part. */
const JSON_LOGS_SINCE = [0, 167, 0];
const MARKS = { stdout: "\x01\x01\x01", stderr: "\x02\x02\x02" };

const executeRequest = z.looseObject({
  command: z.string().min(1),
  cwd: z.string().optional(),
  envs: z.record(z.string(), z.string()).optional(),
  timeout: z.int().nonnegative().optional(),
});
const sessionRequest = z.looseObject({ sessionId: z.string().min(1) });
const sessionExecute = z.looseObject({
  command: z.string().min(1),
  runAsync: z.boolean().optional(),
  async: z.boolean().optional(),
});

function wantsJson(c: ApiContext): boolean {
  const version = (c.req.header("x-daytona-sdk-version") ?? "").match(/^v?(\d+)\.(\d+)\.(\d+)/);
  if (!version) return false;
  const differs = JSON_LOGS_SINCE.findIndex((part, index) => Number(version[index + 1]) !== part);
  return differs === -1 || Number(version[differs + 1]) > (JSON_LOGS_SINCE[differs] ?? 0);
}

function logsAnswer(c: ApiContext, logs: { stdout: string; stderr: string; output?: string }): Response {
  const { stdout, stderr } = logs;
  // [?] The vendor's has the order in which it was said; from two files that cannot be had.
  const output = logs.output ?? stdout + stderr;
  if (wantsJson(c)) return c.json({ output, stdout, stderr });
  const marked = (mark: string, text: string) => (text === "" ? "" : mark + text);
  return c.text(marked(MARKS.stdout, stdout) + marked(MARKS.stderr, stderr));
}

/** Any use of a toolbox counts as activity. */
function touch({ cloud }: DaytonaRoutes): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const sandbox = cloud.get(param(c, "sandbox"));
    sandbox.requireStarted();
    sandbox.touch();
    await next();
  };
}

async function entrypointSession(sandbox: Sandbox) {
  const command = await sandbox.entrypoint();
  if (!command) throw sessionNotFound();
  return { sessionId: "entrypoint", commands: [command] };
}

export function toolboxRoutes(context: DaytonaRoutes): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const find = (c: ApiContext) => context.cloud.get(param(c, "sandbox"));
  const session = (c: ApiContext) => param(c, "session");
  const command = (c: ApiContext) => param(c, "command");

  routes.use("/:sandbox/*", touch(context));

  routes.post("/:sandbox/process/execute", async (c) => {
    const { command: line, cwd = "", envs = {}, timeout } = await read(c, executeRequest);
    const variables = Object.entries(envs).map(([name, value]) => `${name}=${value}`);
    const result = await runInside(find(c).requireStarted(), {
      argv: ["/bin/sh", "-c", EXECUTE, "daytona", cwd, line, ...variables],
      timeoutMs: (timeout || DEFAULT_SECONDS) * 1000,
    });
    if (result.timedOut) throw executionTimeout();
    return c.json({ exitCode: result.ending.code ?? -1, result: result.stdout });
  });

  routes.get("/:sandbox/process/session", async (c) => {
    const sessions = find(c).sessions();
    const list = sessions.list().map(async (sessionId) => ({
      sessionId,
      commands: await sessions.commands(sessionId),
    }));
    return c.json(await Promise.all(list));
  });
  routes.post("/:sandbox/process/session", async (c) => {
    await find(c)
      .sessions()
      .create((await read(c, sessionRequest)).sessionId);
    return c.body(null, 201);
  });

  routes.get("/:sandbox/process/session/entrypoint", async (c) => c.json(await entrypointSession(find(c))));
  routes.get("/:sandbox/process/session/entrypoint/logs", async (c) => {
    const sandbox = find(c);
    await entrypointSession(sandbox);
    const { entryLog } = sandbox;
    const [stdout, stderr] = [entryLog.text("stdout"), entryLog.text("stderr")];
    return logsAnswer(c, { output: entryLog.text(), stdout, stderr });
  });

  routes.get("/:sandbox/process/session/:session", async (c) => {
    const commands = await find(c).sessions().commands(session(c));
    return c.json({ sessionId: session(c), commands });
  });
  routes.delete("/:sandbox/process/session/:session", async (c) => {
    await find(c).sessions().delete(session(c));
    return c.body(null, 204);
  });
  routes.post("/:sandbox/process/session/:session/exec", async (c) => {
    const request = await read(c, sessionExecute);
    const sessions = find(c).sessions();
    const cmdId = await sessions.start(session(c), request.command);
    if (request.runAsync || request.async) return c.json({ cmdId }, 202);
    const exitCode = await sessions.wait(session(c), cmdId);
    const { stdout, stderr } = await sessions.logs(session(c), cmdId);
    return c.json({ cmdId, exitCode, output: stdout + stderr, stdout, stderr });
  });
  routes.get("/:sandbox/process/session/:session/command/:command", async (c) =>
    c.json(await find(c).sessions().command(session(c), command(c))),
  );
  routes.get("/:sandbox/process/session/:session/command/:command/logs", async (c) =>
    logsAnswer(c, await find(c).sessions().logs(session(c), command(c))),
  );

  return routes;
}
