#!/usr/bin/env node
import { parseArgs } from "node:util";
import { stderrLog } from "./log.ts";
import { RUNTIME_NAMES, type RuntimeName } from "./runtime/choose.ts";
import { startLocalCloud } from "./server.ts";

const USAGE = `node src/localcloud/main.ts --state DIR --token T [options]

  --state DIR            where machines, volumes and records live
  --token T              what a caller must present as bearer; or LOCALCLOUD_TOKEN, which does not show in a process list
  --port N               of the API (0: any)
  --proxy-port N         of the edge in front of machines (0: any)
  --cloudflare-port N    of Cloudflare's API (0: any)
  --tunnel-port N        where tunnels are reached: http://ADDRESS:N/HOST-NAME/PATH (0: any)
  --tunnel-edge-port N   that connectors dial; the same after a restart, or they do not find back (0: any)
  --zone NAME            of Cloudflare's zone (every full name belongs to it)
  --daytona-port N       of Daytona's API (0: any)
  --hetzner-port N       of Hetzner's API (0: any)
  --openid-port N        of the identity provider (0: any)
  --openid-redirect URL  where it may send people back to; may repeat
  --servers external     Hetzner's servers do not run here: something outside plays them, and finds what one was given with
                         GET /_control/servers/ID
  --host ADDRESS         to listen on (127.0.0.1)
  --runtime NAME         ${RUNTIME_NAMES.join(" | ")} (the best that works); or LOCALCLOUD_RUNTIME
  --allow-egress H:P     of this computer or its network, that machines may reach all the same, or *.H:P
                         for every name below it; may repeat
  --while-stdin-open     end when standard input closes: whoever started this has died
  --rate-limit           answer 429 as the vendor does

Docker: where an engine answers (DOCKER_HOST as unix://…, or its usual socket), a machine whose image the engine already has
runs that image. Nothing is pulled, because an agent's image has gigabytes, unless asked for: with --runtime docker what is
missing is pulled. A machine whose image cannot be had runs as if there were no engine, and its log says so and why. On
Linux a machine's ports are reached at its address on the engine's bridge; where that is out of reach (Docker Desktop, a
rootless engine), the ports of its services are published on 127.0.0.1. What a machine runs in stands in its "started" event.
`;

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    token: { type: "string" },
    port: { type: "string", default: "0" },
    "proxy-port": { type: "string", default: "0" },
    "cloudflare-port": { type: "string", default: "0" },
    "tunnel-port": { type: "string", default: "0" },
    "tunnel-edge-port": { type: "string", default: "0" },
    zone: { type: "string" },
    "daytona-port": { type: "string", default: "0" },
    "hetzner-port": { type: "string", default: "0" },
    "openid-port": { type: "string", default: "0" },
    "openid-redirect": { type: "string", multiple: true },
    servers: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    runtime: { type: "string" },
    "allow-egress": { type: "string", multiple: true },
    "while-stdin-open": { type: "boolean", default: false },
    "rate-limit": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const token = values.token ?? process.env.LOCALCLOUD_TOKEN;
if (values.help || !values.state || !token) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}
const runtime = values.runtime ?? process.env.LOCALCLOUD_RUNTIME;
if (runtime && !RUNTIME_NAMES.includes(runtime as RuntimeName)) {
  process.stderr.write(`--runtime must be one of ${RUNTIME_NAMES.join(", ")}\n`);
  process.exit(2);
}
if (values.servers !== undefined && values.servers !== "external") {
  process.stderr.write('--servers can only be "external"\n');
  process.exit(2);
}

// Machines get the mask that images expect; what is private says so itself.
process.umask(0o022);
const log = stderrLog();
const cloud = await startLocalCloud({
  stateDir: values.state,
  token,
  port: Number(values.port),
  proxyPort: Number(values["proxy-port"]),
  cloudflarePorts: {
    api: Number(values["cloudflare-port"]),
    tunnel: Number(values["tunnel-port"]),
    edge: Number(values["tunnel-edge-port"]),
  },
  zone: values.zone,
  daytonaPort: Number(values["daytona-port"]),
  hetznerPort: Number(values["hetzner-port"]),
  openidPort: Number(values["openid-port"]),
  openidRedirects: values["openid-redirect"],
  servers: values.servers,
  host: values.host,
  runtime: runtime as RuntimeName | undefined,
  dockerHost: process.env.DOCKER_HOST,
  allowEgress: values["allow-egress"],
  rateLimited: values["rate-limit"],
  log,
});

let ending = false;
function end(reason: string): void {
  if (ending) return;
  ending = true;
  log("ending", { reason });
  void cloud.close().finally(() => process.exit(0));
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => end(signal));
if (values["while-stdin-open"]) process.stdin.resume().on("end", () => end("standard input closed"));

for (const limit of cloud.limits) log("limit", { isolation: cloud.isolation, limit });
const { close: _, limits: __, token: ___, url: cloudUrl, ...urls } = cloud;
process.stdout.write(`${JSON.stringify({ event: "ready", cloudUrl, ...urls })}\n`);
