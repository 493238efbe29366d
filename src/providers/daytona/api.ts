/** The calls of Daytona's two APIs we make, one line each: paths and query names are nowhere else. */
import type { Answer, DaytonaClient } from "./client.ts";
import { LABELS } from "./names.ts";
import type { DaytonaSandbox } from "./schema.ts";
import * as schema from "./schema.ts";
import type { SandboxBody } from "./spec.ts";

/** The vendor gives at most 200. */
const PAGE = "200";

export type DaytonaApi = ReturnType<typeof createApi>;

export interface ApiOptions {
  client: DaytonaClient;
  apiUrl: string;
  /** `{id}` is the sandbox. */
  toolboxUrl: string;
}

export function createApi(options: ApiOptions) {
  return { ...sandboxCalls(options), ...toolboxCalls(options) };
}

function sandboxCalls({ client, apiUrl }: ApiOptions) {
  const base = `${apiUrl.replace(/\/+$/, "")}/sandbox`;
  const url = (idOrName: string) => `${base}/${encodeURIComponent(idOrName)}`;
  const act = (id: string, action: string, query?: Record<string, string>) =>
    client.call({
      method: "POST",
      url: `${url(id)}/${action}`,
      ...(query === undefined ? {} : { query }),
      schema: schema.ignoredSchema,
    });
  return {
    get: (idOrName: string) =>
      client.call({ method: "GET", url: url(idOrName), schema: schema.sandboxSchema }),
    create: (body: SandboxBody, secrets: readonly string[]) =>
      client.call({ method: "POST", url: base, body, schema: schema.sandboxSchema, secrets }),
    delete: (id: string) => client.call({ method: "DELETE", url: url(id), schema: schema.ignoredSchema }),
    start: (id: string) => act(id, "start"),
    /** `force` keeps a virtual machine from being paused in place of being stopped. */
    stop: (id: string, force: boolean) => act(id, "stop", force ? { force: "true" } : undefined),
    pause: (id: string) => act(id, "pause"),

    /** Page by page. A list that lacks a page proves no absence, so it is not a list at all. */
    async list(): Promise<Answer<DaytonaSandbox[]>> {
      const sandboxes: DaytonaSandbox[] = [];
      const seen = new Set<string>();
      const labels = JSON.stringify({ [LABELS.managed]: "true" });
      let query: Record<string, string> = { labels, limit: PAGE, includeErroredDeleted: "true" };
      for (;;) {
        const page = await client.call({ method: "GET", url: base, query, schema: schema.sandboxPageSchema });
        if (!page.ok) return page;
        sandboxes.push(...page.value.items);
        const cursor = page.value.nextCursor;
        if (!cursor || seen.has(cursor)) return { ok: true, value: sandboxes };
        seen.add(cursor);
        query = { ...query, cursor };
      }
    },
  };
}

function toolboxCalls({ client, toolboxUrl }: ApiOptions) {
  const base = (id: string) => toolboxUrl.replace("{id}", encodeURIComponent(id)).replace(/\/+$/, "");
  const sessions = (id: string) => `${base(id)}/process/session`;
  return {
    entrypoint: (id: string) =>
      client.call({ method: "GET", url: `${sessions(id)}/entrypoint`, schema: schema.sessionSchema }),
    entrypointLogs: (id: string) =>
      client.call({ method: "GET", url: `${sessions(id)}/entrypoint/logs`, schema: schema.logsSchema }),
    createSession: (id: string, sessionId: string) =>
      client.call({ method: "POST", url: sessions(id), body: { sessionId }, schema: schema.ignoredSchema }),
    getSession: (id: string, session: string) =>
      client.call({ method: "GET", url: `${sessions(id)}/${session}`, schema: schema.sessionSchema }),
    deleteSession: (id: string, session: string) =>
      client.call({ method: "DELETE", url: `${sessions(id)}/${session}`, schema: schema.ignoredSchema }),
    /** Answers at once. */
    startCommand: (id: string, session: string, command: string, secrets: readonly string[]) =>
      client.call({
        method: "POST",
        url: `${sessions(id)}/${session}/exec`,
        body: { command, runAsync: true },
        schema: schema.startedCommandSchema,
        secrets,
      }),
    getCommand: (id: string, session: string, command: string) =>
      client.call({
        method: "GET",
        url: `${sessions(id)}/${session}/command/${encodeURIComponent(command)}`,
        schema: schema.commandSchema,
      }),
    commandLogs: (id: string, session: string, command: string) =>
      client.call({
        method: "GET",
        url: `${sessions(id)}/${session}/command/${encodeURIComponent(command)}/logs`,
        schema: schema.logsSchema,
      }),
  };
}
