#!/usr/bin/env node
/**
 * Stands in for the vendor's connector, with as much of its command line as a remotely configured tunnel needs:
 *
 *   cloudflared tunnel [--no-autoupdate] run [--token TOKEN]
 *
 * TUNNEL_TOKEN       in place of --token
 * TUNNEL_EDGE        host:port of the local cloud's edge
 * TUNNEL_GRACE_PERIOD seconds that requests under way may take after SIGTERM (30)
 * GENTITY_PORT_MAP   a JSON file: which port of this computer a service's `localhost` port really is
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Connection, openConnection, VERSION } from "./connection.ts";
import { parseToken } from "./token.ts";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function parseEdge(text: string): { host: string; port: number } {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(text) ?? [];
  if (host === undefined || port === undefined) fail("TUNNEL_EDGE must be host:port");
  return { host, port: Number(port) };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  // Flags of the vendor's that mean nothing here are passed over.
  strict: false,
  options: {
    token: { type: "string" },
    version: { type: "boolean" },
    "no-autoupdate": { type: "boolean" },
    "grace-period": { type: "string" },
  },
});

if (values.version || positionals[0] === "version") {
  process.stdout.write(`cloudflared version ${VERSION} (the local cloud's stand-in)\n`);
  process.exit(0);
}
if (positionals[0] !== "tunnel" || positionals[1] !== "run")
  fail("usage: cloudflared tunnel run --token TOKEN");
const credentials = parseToken(String(values.token ?? process.env.TUNNEL_TOKEN ?? ""));
if (credentials === undefined) fail("Provided Tunnel token is not valid.");
const edge = parseEdge(process.env.TUNNEL_EDGE ?? "");
const graceMs =
  Number.parseFloat(String(values["grace-period"] ?? process.env.TUNNEL_GRACE_PERIOD ?? "30")) * 1000;

let connection: Connection | undefined;
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Asked twice: at once.
    if (ending.signal.aborted) process.exit(0);
    ending.abort();
    connection?.drain();
    setTimeout(() => process.exit(0), graceMs).unref();
  });
}

const connectorId = randomUUID();
log(`INF Starting tunnel tunnelID=${credentials.tunnel}`);
log(`INF Version ${VERSION}`);
log(`INF Generated Connector ID: ${connectorId}`);
let delayMs = FIRST_RETRY_MS;
while (!ending.signal.aborted) {
  connection = openConnection({
    edge,
    credentials,
    connectorId,
    portMapFile: process.env.GENTITY_PORT_MAP,
    log,
  });
  const { served, reason } = await connection.closed;
  if (ending.signal.aborted) break;
  if (served) delayMs = FIRST_RETRY_MS;
  log(`ERR Connection terminated error="${reason}" connIndex=0`);
  log(`INF Retrying connection in up to ${delayMs / 1000}s connIndex=0`);
  await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal: ending.signal }).catch(() => {});
  delayMs = Math.min(delayMs * 2, LAST_RETRY_MS);
}
process.exit(0);
