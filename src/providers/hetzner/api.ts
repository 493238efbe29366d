/** The calls of the Hetzner Cloud API we make, one line each: paths and query names are nowhere else. */
import * as z from "zod";
import type { Answer, HetznerClient } from "./client.ts";
import * as schema from "./schema.ts";

export interface ServerBody {
  name: string;
  server_type: string;
  image: string;
  location: string;
  labels: Record<string, string>;
  firewalls: { firewall: number }[];
  volumes: number[];
  automount: false;
  public_net: { enable_ipv4: true; enable_ipv6: true };
  start_after_create: true;
  user_data: string;
}

export interface VolumeBody {
  name: string;
  size: number;
  location: string;
  format: "ext4";
  labels: Record<string, string>;
}

export interface FirewallBody {
  name: string;
  labels: Record<string, string>;
  rules: [];
}

export type ListFilter = { label_selector: string } | { name: string };

export type HetznerApi = ReturnType<typeof createApi>;

/** The vendor's most. */
const PER_PAGE = 50;

export function createApi(client: HetznerClient) {
  return { ...serverCalls(client), ...volumeCalls(client), ...firewallCalls(client), ...otherCalls(client) };
}

function serverCalls(client: HetznerClient) {
  const path = (id: string | number) => `/servers/${encodeURIComponent(id)}`;
  const act = (id: number, action: "poweron" | "poweroff" | "shutdown") =>
    client.call({ method: "POST", path: `${path(id)}/actions/${action}`, schema: schema.changedSchema });
  const created = schema.changedSchema.extend({ server: schema.serverSchema });
  return {
    getServer: (id: string) =>
      unwrap(client.call({ method: "GET", path: path(id), schema: single("server", schema.serverSchema) })),
    listServers: (filter: ListFilter) => everyPage(client, "servers", schema.serverSchema, filter),
    createServer: (body: ServerBody, secrets: readonly string[]) =>
      client.call({ method: "POST", path: "/servers", body, schema: created, secrets }),
    deleteServer: (id: number) =>
      client.call({ method: "DELETE", path: path(id), schema: schema.changedSchema }),
    powerOn: (id: number) => act(id, "poweron"),
    powerOff: (id: number) => act(id, "poweroff"),
    shutDown: (id: number) => act(id, "shutdown"),
    /** The newest first. */
    serverActions: (id: number) =>
      client.call({
        method: "GET",
        path: `${path(id)}/actions`,
        query: [
          ["sort", "id:desc"],
          ["per_page", "25"],
        ],
        schema: schema.actionListSchema,
      }),
  };
}

function volumeCalls(client: HetznerClient) {
  const path = (id: string | number) => `/volumes/${encodeURIComponent(id)}`;
  const created = schema.changedSchema.extend({ volume: schema.volumeSchema });
  return {
    getVolume: (id: string) =>
      unwrap(client.call({ method: "GET", path: path(id), schema: single("volume", schema.volumeSchema) })),
    listVolumes: (filter: ListFilter) => everyPage(client, "volumes", schema.volumeSchema, filter),
    createVolume: (body: VolumeBody) =>
      client.call({ method: "POST", path: "/volumes", body, schema: created }),
    attachVolume: (id: number, server: number) =>
      client.call({
        method: "POST",
        path: `${path(id)}/actions/attach`,
        body: { server, automount: false },
        schema: schema.changedSchema,
      }),
    detachVolume: (id: number) =>
      client.call({ method: "POST", path: `${path(id)}/actions/detach`, schema: schema.changedSchema }),
    deleteVolume: (id: number) =>
      client.call({ method: "DELETE", path: path(id), schema: schema.ignoredSchema }),
  };
}

function firewallCalls(client: HetznerClient) {
  const path = (id: string | number) => `/firewalls/${encodeURIComponent(id)}`;
  const created = schema.changedSchema.extend({ firewall: schema.firewallSchema });
  return {
    listFirewalls: (filter: ListFilter) => everyPage(client, "firewalls", schema.firewallSchema, filter),
    createFirewall: (body: FirewallBody) =>
      client.call({ method: "POST", path: "/firewalls", body, schema: created }),
    setRules: (id: number, rules: []) =>
      client.call({
        method: "POST",
        path: `${path(id)}/actions/set_rules`,
        body: { rules },
        schema: schema.changedSchema,
      }),
    deleteFirewall: (id: number) =>
      client.call({ method: "DELETE", path: path(id), schema: schema.ignoredSchema }),
  };
}

function otherCalls(client: HetznerClient) {
  return {
    /** All at once, however many. */
    getActions: (ids: readonly number[]) =>
      client.call({
        method: "GET",
        path: "/actions",
        query: ids.map((id): [string, string] => ["id", String(id)]),
        schema: schema.actionListSchema,
      }),
    listServerTypes: () => everyPage(client, "server_types", schema.serverTypeSchema),
  };
}

/** A list that lacks a page proves no absence, so it is not a list at all. */
async function everyPage<T>(
  client: HetznerClient,
  key: string,
  entry: z.ZodType<T>,
  filter?: ListFilter,
): Promise<Answer<T[]>> {
  const page = z.looseObject({ [key]: z.array(entry), meta: schema.metaSchema }).transform((body) => ({
    entries: body[key] as T[],
    next: (body.meta as z.infer<typeof schema.metaSchema>)?.pagination?.next_page,
  }));
  const found: T[] = [];
  let number = 1;
  for (;;) {
    const query: [string, string][] = [
      ...Object.entries(filter ?? {}),
      ["page", String(number)],
      ["per_page", String(PER_PAGE)],
    ];
    const answer = await client.call({ method: "GET", path: `/${key}`, query, schema: page });
    if (!answer.ok) return answer;
    found.push(...answer.value.entries);
    const { next } = answer.value;
    if (!next || next <= number) return { ok: true, value: found };
    number = next;
  }
}

function single<T>(key: string, entry: z.ZodType<T>) {
  return z.looseObject({ [key]: entry }).transform((body) => ({ value: body[key] as T }));
}

async function unwrap<T>(answer: Promise<Answer<{ value: T }>>): Promise<Answer<T>> {
  const received = await answer;
  return received.ok ? { ok: true, value: received.value.value } : received;
}
