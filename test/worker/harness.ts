import { env as bindings, exports } from "cloudflare:workers";
import { hashToken, tokenPrefix } from "../../src/auth/tokens.ts";
import type { Env } from "../../src/env.ts";
import { newAccountId, newInstanceId, newTokenId, newTokenPlaintext } from "../../src/ids.ts";
import type { CreateCommand } from "../../src/instance/contract.ts";
import { instanceStub } from "../../src/instance/stub.ts";
import { GentityClient } from "../../src/sdk/client.ts";

// The runtime types both by the deployed configuration, which this project describes by itself.
export const env = bindings as unknown as Env;
export const worker = (exports as unknown as { default: Fetcher }).default;

export interface Answer<T = any> {
  status: number;
  headers: Headers;
  body: T;
}

/** One account with one token of its own; every test makes its own, so that none sees another's. */
export interface Tenant {
  accountId: string;
  token: string;
  tokenId: string;
  call: <T = any>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer<T>>;
}

export async function newTenant(): Promise<Tenant> {
  const accountId = newAccountId();
  const tokenId = newTokenId();
  const token = newTokenPlaintext();
  await env.DB.batch([
    env.DB.prepare("INSERT INTO accounts (id, email, created_at) VALUES (?, ?, ?)").bind(
      accountId,
      `${accountId}@test`,
      Date.now(),
    ),
    env.DB.prepare(
      "INSERT INTO tokens (id, account_id, name, prefix, hash, created_at) VALUES (?, ?, 'test', ?, ?, ?)",
    ).bind(tokenId, accountId, tokenPrefix(token), await hashToken(token), Date.now()),
  ]);
  return {
    accountId,
    token,
    tokenId,
    call: (method, path, body, headers) =>
      call(method, path, { body, headers: { Authorization: `Bearer ${token}`, ...headers } }),
  };
}

/** One request of the operator. */
export function operate<T = any>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer<T>> {
  return call(method, path, { body, headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}`, ...headers } });
}

/** One request to the Worker, as from outside. A string body is sent as it is. */
export async function call<T = any>(
  method: string,
  path: string,
  {
    body,
    headers = {},
    host = "localhost",
  }: { body?: unknown; headers?: Record<string, string>; host?: string } = {},
): Promise<Answer<T>> {
  const response = await worker.fetch(`http://${host}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.includes("application/json");
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as T,
  };
}

export const AIDER = { agentType: "aider", modelProvider: "openai", modelName: "gpt-4o", apiKey: "sk-test" };

/** A create command for tests that speak to the object itself. */
export function aCommand(over: Partial<CreateCommand> = {}): CreateCommand {
  const id = over.id ?? newInstanceId();
  return {
    id,
    accountId: "acc_test",
    subdomain: `ai-${id.slice(-8)}`,
    name: "Aider - gpt-4o",
    agentType: "aider",
    pin: { release: "v1", image: "gentity/probe:1" },
    modelProvider: "openai",
    modelName: "gpt-4o",
    provider: "fly",
    region: "iad",
    spec: { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 1 },
    exposure: "public",
    service: { port: 8080, healthPath: "/" },
    workspaceId: null,
    labels: {},
    sealedRecipe: "sealed",
    createdAt: Date.now(),
    cause: { actor: { type: "system", id: "test" } },
    ...over,
  };
}

export function stubOf(id: string) {
  return instanceStub(env, id);
}

/** The SDK, with the Worker behind it. */
export function clientOf(tenant: Tenant): GentityClient {
  const through = async (input: RequestInfo | URL) => {
    const url = new URL(String(input));
    const { status, body } = await tenant.call("GET", url.pathname + url.search);
    return Response.json(body, { status });
  };
  return new GentityClient({
    baseUrl: "http://localhost",
    token: tenant.token,
    fetch: through as typeof fetch,
  });
}

/** What the chain of an account says was done, in its order. */
export async function auditActions(accountId: string): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT action FROM audit_events WHERE chain = ? ORDER BY seq")
    .bind(accountId)
    .all<{ action: string }>();
  return results.map(({ action }) => action);
}
