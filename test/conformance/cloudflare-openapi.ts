/**
 * Holds what our client says to Cloudflare, and what the local cloud answers, against the vendor's own OpenAPI document:
 *
 *   node test/conformance/cloudflare-openapi.ts PATH
 *
 * Ends with 1 on any difference that is not below, where each known one has its reason.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connected, end, startConnector } from "../../src/localcloud/cloudflare/testing/connector.ts";
import {
  ACCOUNT,
  newSecret,
  TestCloudflare,
  TOKEN,
  ZONE,
  ZONE_NAME,
} from "../../src/localcloud/cloudflare/testing/vendor.ts";
import { createTunnels, tunnelToken } from "../../src/providers/cloudflare/tunnels.ts";
import { OpenApi, type OpenApiDocument } from "./openapi.ts";
import { type Exchange, recordingFetch } from "./record.ts";

const DEVIATIONS: readonly { pattern: RegExp; reason: string }[] = [
  {
    pattern: /: answers 5\d\d with a body that is not declared$/,
    reason: "No outage is declared; ours come in the envelope of every other refusal.",
  },
];

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: cloudflare-openapi.ts PATH");
  process.exit(2);
}
const spec = new OpenApi(JSON.parse(await readFile(path, "utf8")) as OpenApiDocument);
const exchanges = await recordLives();
const problems = new Set(exchanges.flatMap((exchange) => spec.check(exchange)));
const open = [...problems].filter((problem) => !DEVIATIONS.some(({ pattern }) => pattern.test(problem)));
for (const problem of open) console.error(`✗ ${problem}`);
for (const { reason } of DEVIATIONS) console.log(`~ ${reason}`);
console.log(`${exchanges.length} calls of ${new Set(exchanges.map(spec.nameOf)).size} operations checked`);
process.exit(open.length === 0 ? 0 : 1);

/** A tunnel's life with its record, and the refusals on the way. */
async function recordLives(): Promise<Exchange[]> {
  const recorded: Exchange[] = [];
  const cloudflare = await TestCloudflare.start({ limits: { tunnels: 2, records: 2 } });
  try {
    const apiUrl = cloudflare.vendor.url;
    const { origin, pathname } = new URL(apiUrl);
    const pathIn = (url: URL) =>
      url.origin === origin && url.pathname.startsWith(`${pathname}/`)
        ? url.pathname.slice(pathname.length)
        : undefined;
    const record = recordingFetch(pathIn, (exchange) => recorded.push(exchange));
    const config = { apiUrl, token: TOKEN, accountId: ACCOUNT, zoneId: ZONE, fetch: record };
    const tunnels = createTunnels(config);
    const [name, host, secretBase64] = ["gentity-one", `o-one.${ZONE_NAME}`, newSecret()];
    const made = await tunnels.ensureTunnel(name, secretBase64);
    if (made.type !== "ok") throw new Error(`the tunnel was not made: ${JSON.stringify(made)}`);
    const { tunnelId } = made.value;
    await tunnels.ensureTunnel(name, secretBase64);
    const ingress = [{ hostname: host, service: "http://localhost:1" }, { service: "http_status:404" }];
    await tunnels.configure(tunnelId, ingress);
    await tunnels.configure(tunnelId, ingress);
    await tunnels.configure(tunnelId, ingress.slice(0, 1));
    await tunnels.ensureRecord(host, tunnelId);
    await tunnels.ensureRecord(host, randomUUID());
    for (const kind of ["rate_limit", "capacity", "error_before"]) {
      await cloudflare.fault({ kind, match: { method: "POST", count: 1 } });
      await tunnels.ensureTunnel("gentity-two", newSecret());
      await cloudflare.fault({ kind, match: { method: "POST", count: 1 } });
      await tunnels.ensureRecord(`o-two.${ZONE_NAME}`, tunnelId);
    }
    await createTunnels({ ...config, token: "of a stranger" }).usage();
    await tunnels.listTunnels("gentity-");
    await tunnels.listRecords("o-");
    await tunnels.usage();
    const token = tunnelToken({ accountId: ACCOUNT, tunnelId, secretBase64 });
    const connector = startConnector({ TUNNEL_TOKEN: token, TUNNEL_EDGE: cloudflare.vendor.tunnelEdge });
    await connected(cloudflare, tunnelId);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const tunnelUrl = `${apiUrl}/accounts/${ACCOUNT}/cfd_tunnel/${tunnelId}`;
    await record(`${tunnelUrl}/connections`, { headers });
    await record(tunnelUrl, { method: "DELETE", headers });
    await tunnels.removeRecord(undefined, host);
    await tunnels.removeRecord(randomUUID(), host);
    await tunnels.removeTunnel(tunnelId, name);
    await tunnels.removeTunnel(tunnelId, name);
    await end(connector, "SIGKILL");
  } finally {
    await cloudflare.close();
  }
  return recorded;
}
