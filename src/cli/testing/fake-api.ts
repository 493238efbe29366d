import type { ServerResponse } from "node:http";
import { vi } from "vitest";
import {
  type Handler,
  openStream,
  type SeenRequest,
  sendJson,
  startServer,
  type TestServer,
} from "../../sdk/testing/http-server.ts";
import { type Home, makeHome, type RunOptions, type RunResult, runCli, TOKEN } from "./run-cli.ts";

// Each test starts processes, and a busy machine takes its time over that.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

export { openStream, sendJson } from "../../sdk/testing/http-server.ts";

/** Answers of a test's own, by `METHOD /path`; the rest is answered by the defaults below. */
export type Routes = Record<string, Handler>;

/** An instance as the API shows it. */
export function instance(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "cmp01k5x3w8t7v9q2r4s6y8z0a1b2",
    name: "scout",
    subdomain: "cl-x7k2m9q4",
    agentType: "claude-code",
    modelProvider: "anthropic",
    modelName: "claude-sonnet-5-5",
    status: "running",
    errorMessage: null,
    createdAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
    updatedAt: new Date().toISOString(),
    url: "https://cl-x7k2m9q4.gentity.ai/",
    ...fields,
  };
}

export const ID = instance().id as string;

/** A change of state as a watch tells it. */
export function change(status: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    status,
    since: "2026-11-20T12:00:00.000Z",
    reason: null,
    errorMessage: null,
    generation: 1,
    ...fields,
  };
}

/** An error as the API sends it. */
export function sendError(
  response: ServerResponse,
  status: number,
  body: { code: string; error?: string; hint?: string; details?: unknown[] },
): void {
  sendJson(response, status, { error: "It did not work.", requestId: "req_test", ...body });
}

/** A server that speaks the API: the token is checked, one instance is there, and a test changes what it needs. */
export function startApi(routes: Routes = {}): Promise<TestServer> {
  return startServer(async (request, response) => {
    const handler = routes[`${request.method} ${request.path}`] ?? routes[`${request.method} *`];
    const isPublic = request.path === "/api/catalog/agents";
    if (!isPublic && request.headers.authorization !== `Bearer ${TOKEN}`) {
      return sendError(response, 401, { code: "unauthorized", error: "The token is not valid." });
    }
    if (handler) return handler(request, response);
    return answer(request, response);
  });
}

function answer({ method, path }: SeenRequest, response: ServerResponse): void {
  const name = decodeURIComponent(path.split("/")[3] ?? "");
  const isTheOne = [ID, "cl-x7k2m9q4", "scout"].includes(name) || (name !== "" && ID.startsWith(name));
  if (method === "GET" && path === "/api/instances") {
    sendJson(response, 200, { instances: [instance()], nextCursor: null });
  } else if (method === "GET" && isTheOne && path.split("/").length === 4) {
    sendJson(response, 200, { instance: instance() });
  } else {
    sendError(response, 404, { code: "not_found", error: `No instance matches "${name}".` });
  }
}

/** An answer that streams these events and ends. */
export function streaming(...events: [event: string, data: unknown][]): Handler {
  return (_request, response) => {
    const send = openStream(response);
    for (const [event, data] of events) send(event, data);
    response.end();
  };
}

/** A run of the command against an API of the test's own. */
export interface Scene {
  home: Home;
  api: TestServer;
  /** Runs `gentity` as somebody who is logged in. */
  run: (args: readonly string[], options?: Partial<RunOptions>) => Promise<RunResult>;
  close: () => Promise<void>;
}

/** Sets up an API and a home for one test. */
export async function startScene(routes: Routes = {}): Promise<Scene> {
  const home = makeHome();
  const api = await startApi(routes);
  const env = { GENTITY_API_URL: api.url, GENTITY_TOKEN: TOKEN };
  return {
    home,
    api,
    run: (args, options = {}) => runCli(args, { home, ...options, env: { ...env, ...options.env } }),
    close: async () => {
      await api.close();
      home.remove();
    },
  };
}

/** Output as an exec stream carries it. */
export function output(text: string | Buffer): { data: string } {
  return { data: Buffer.from(text).toString("base64") };
}

/** The end of a command as an exec stream carries it. */
export function exit(exitCode: number | null, signal: string | null = null): Record<string, unknown> {
  return { exitCode, signal, durationMs: 7, truncated: false, substrate: "fly-machine" };
}
