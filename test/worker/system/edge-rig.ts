import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { inject, vi } from "vitest";
import type { handleEdge as HandleEdge } from "../../../src/edge/handle.ts";
import type { Env } from "../../../src/env.ts";
import { newInstanceId } from "../../../src/ids.ts";
import { env } from "../harness.ts";

export const ZONE = "gentity.test";

export interface Placed {
  id: string;
  subdomain: string;
}

let count = 0;

/** A running instance as the records tell of it, whose machine is the one that tells what it was sent. */
export async function place(accountId: string, over: Record<string, unknown> = {}): Promise<Placed> {
  const id = newInstanceId();
  const row = {
    id,
    account_id: accountId,
    subdomain: `ai-${String(++count).padStart(3, "0")}${id.slice(-5)}`,
    ...{ name: "Echo", agent_type: "aider", release: "v1", image: "echo", model_provider: "openai" },
    ...{ model_name: "gpt-4o", provider: "fly", region: "iad", spec: "{}", exposure: "public" },
    ...{ access: "link", labels: "{}", state: "running", state_since: 0, place: "echo", machine: "m1" },
    ...{ generation: 1, version: 1, created_at: 0, updated_at: 0 },
    ...over,
  };
  const names = Object.keys(row);
  const marks = names.map((_, index) => `?${index + 1}`);
  await env.DB.prepare(`INSERT INTO instances (${names.join(", ")}) VALUES (${marks.join(", ")})`)
    .bind(...Object.values(row))
    .run();
  return { id, subdomain: String(row.subdomain) };
}

export interface Asked extends RequestInit {
  headers?: Record<string, string>;
}

/** The edge as one isolate runs it: with memory of its own, and what it is bound to. */
export interface Isolate {
  visit: (subdomain: string, path?: string, asked?: Asked) => Promise<Response>;
  /** What an agent was sent. @throws when it was not asked. */
  reach: (subdomain: string, path?: string, asked?: Asked) => Promise<Seen>;
}

export interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  response: Response;
}

/** `over`: bindings in place of the tests' own. Background work has ended when a visit is answered. */
export async function newIsolate(over: Partial<Env> = {}): Promise<Isolate> {
  vi.resetModules();
  const { handleEdge }: { handleEdge: typeof HandleEdge } = await import("../../../src/edge/handle.ts");
  const bindings: Env = { ...env, FLY_APP_URL: inject("echoUrl" as never) as string, ...over };
  const visit: Isolate["visit"] = async (subdomain, path = "/", asked = {}) => {
    const ctx = createExecutionContext();
    const request = new Request(`https://${subdomain}.${ZONE}${path}`, { redirect: "manual", ...asked });
    const response = await handleEdge(request, bindings, ctx, subdomain);
    await waitOnExecutionContext(ctx);
    return response;
  };
  const reach: Isolate["reach"] = async (...asked) => {
    const response = await visit(...asked);
    const text = await response.text();
    if (!text.startsWith('{"method"')) throw new Error(`the agent was not asked: ${response.status} ${text}`);
    return { ...JSON.parse(text), response };
  };
  return { visit, reach };
}

/** A WebSocket through the edge: what it was answered, and its first message. */
export async function connect(
  isolate: Isolate,
  subdomain: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: Response; first: Omit<Seen, "method" | "response">; socket: WebSocket }> {
  const response = await isolate.visit(subdomain, path, { headers: { Upgrade: "websocket", ...headers } });
  const socket = response.webSocket;
  if (!socket) throw new Error(`no socket: ${response.status} ${await response.text()}`);
  const message = new Promise<string>((resolve) =>
    socket.addEventListener("message", ({ data }) => resolve(String(data)), { once: true }),
  );
  socket.accept();
  return { response, first: JSON.parse(await message), socket };
}

/** The limits count by the minute of the clock; what is to be counted within one does not begin at its end. */
export async function earlyInTheMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 10_000) await new Promise((resolve) => setTimeout(resolve, left));
}
