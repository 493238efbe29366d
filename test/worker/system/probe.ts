import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import { readConfig } from "../../../src/env.ts";
import { newInstanceId } from "../../../src/ids.ts";
import type { CreateCommand } from "../../../src/instance/contract.ts";
import type { MachineRecipe } from "../../../src/providers/provider.ts";
import { sealRecipe } from "../../../src/services/instances/rendering.ts";
import { aCommand, env, stubOf, type Tenant } from "../harness.ts";

export interface Probe {
  id: string;
  host: string;
  /** One request to its URL, as from outside. */
  visit: (path: string, init?: RequestInit) => Promise<Response>;
  act: (action: string) => Promise<void>;
  state: () => Promise<string | undefined>;
}

const RECIPE: MachineRecipe = {
  image: "gentity/probe:1",
  dataPath: "/data",
  port: 8080,
  healthPath: "/",
  env: { PORT: "8080" },
  files: [],
};

/** A tenant's running instance whose agent is the local cloud's probe: it echoes requests, bodies and messages. */
export async function makeProbe(tenant: Tenant, over: Partial<CreateCommand> = {}): Promise<Probe> {
  const id = newInstanceId();
  const inputs = { apiKey: null, env: {}, secret: "s", edition: null };
  const sealed = await sealRecipe(readConfig(env), id, { recipe: RECIPE, inputs });
  const command = aCommand({ id, accountId: tenant.accountId, ...sealed, ...over });
  await stubOf(id).create(command);
  expect(await stubOf(id).settled(60_000)).toMatchObject({ state: "running" });
  const host = `${command.subdomain}.gentity.test`;
  const worker = (exports as unknown as { default: Fetcher }).default;
  return {
    id,
    host,
    visit: (path, init) => worker.fetch(`http://${host}${path}`, { redirect: "manual", ...init } as never),
    act: async (action) => {
      const { status } = await tenant.call("POST", `/api/instances/${id}/action`, { action });
      expect(status).toBe(200);
    },
    state: async () => (await stubOf(id).get())?.state,
  };
}

/** Rules of the local cloud's; each call of the vendor's API that they match goes as they say. */
export async function orderFault(rule: object): Promise<() => Promise<void>> {
  const control = (method: string, path = "", body?: object) =>
    fetch(`${env.FLY_API_URL}/_control/faults${path}`, {
      method,
      headers: { Authorization: `Bearer ${env.FLY_API_TOKEN}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  const { id } = await (await control("POST", "", rule)).json<{ id: string }>();
  return async () => {
    await control("DELETE", `/${id}`);
  };
}
