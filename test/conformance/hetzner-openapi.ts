/**
 * Holds what the local cloud answers in Hetzner's name against the vendor's own OpenAPI document:
 *
 *   node test/conformance/hetzner-openapi.ts PATH
 *
 * Ends with 1 on any difference.
 */
import { readFile } from "node:fs/promises";
import { TestHetzner } from "../../src/localcloud/testing/hetzner.ts";
import { OpenApi, type OpenApiDocument } from "./openapi.ts";
import type { Exchange } from "./record.ts";

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: hetzner-openapi.ts PATH");
  process.exit(2);
}
const spec = new OpenApi(JSON.parse(await readFile(path, "utf8")) as OpenApiDocument);
const exchanges = await recordLife();
const problems = new Set(exchanges.flatMap((exchange) => spec.check(exchange)));
for (const problem of problems) console.error(`✗ ${problem}`);
console.log(`${exchanges.length} calls of ${new Set(exchanges.map(spec.nameOf)).size} operations checked`);
process.exit(problems.size === 0 ? 0 : 1);

/** Every operation that is answered, with the refusals on the way. */
async function recordLife(): Promise<Exchange[]> {
  const recorded: Exchange[] = [];
  const hetzner = await TestHetzner.start();
  const send = hetzner.call.bind(hetzner);
  hetzner.call = async (method, target, body, token) => {
    const answer = await send(method, target, body, token);
    if (target.startsWith("/_")) return answer;
    const { pathname, searchParams } = new URL(target, "http://api");
    recorded.push({
      method: method.toLowerCase(),
      path: pathname,
      query: [...searchParams.keys()],
      request: body,
      status: answer.status,
      response: answer.body,
    });
    return answer;
  };
  try {
    await look(hetzner);
    await live(hetzner);
    await beRefused(hetzner);
  } finally {
    await hetzner.close();
  }
  return recorded;
}

async function look(hetzner: TestHetzner): Promise<void> {
  for (const list of ["locations", "server_types", "images"]) {
    const { body } = await hetzner.call("GET", `/${list}?per_page=50&page=1`);
    await hetzner.call("GET", `/${list}/${body[list][0].id}`);
  }
  await hetzner.call("GET", "/pricing");
}

async function live(hetzner: TestHetzner): Promise<void> {
  const [volume, firewall] = [await hetzner.volume(), await hetzner.firewall()];
  const id = await hetzner.server({
    labels: { kind: "agent" },
    volumes: [volume],
    firewalls: [{ firewall }],
    user_data: "#cloud-config\n",
    automount: false,
    start_after_create: true,
    public_net: { enable_ipv4: true, enable_ipv6: true },
  });
  for (const action of ["reboot", "reset", "shutdown", "poweron", "poweroff"]) await hetzner.act(id, action);
  const rules = [{ direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0"] }];
  await hetzner.call("POST", `/firewalls/${firewall}/actions/set_rules`, { rules });
  const target = { type: "label_selector", label_selector: { selector: "kind=agent" } };
  await hetzner.call("POST", `/firewalls/${firewall}/actions/apply_to_resources`, { apply_to: [target] });
  for (const [kind, one] of Object.entries({ servers: id, volumes: volume, firewalls: firewall })) {
    await hetzner.call("GET", `/${kind}?label_selector=kind&page=1&per_page=50`);
    await hetzner.call("GET", `/${kind}`);
    await hetzner.call("GET", `/${kind}/${one}`);
    await hetzner.call("PUT", `/${kind}/${one}`, { labels: { kind: "agent", more: "1" } });
  }
  const { body } = await hetzner.call("GET", `/servers/${id}/actions?sort=id:desc`);
  await hetzner.call("GET", `/actions/${body.actions[0].id}`);
  await hetzner.call("GET", `/servers/${id}/actions/${body.actions[0].id}`);
  await hetzner.call("POST", `/firewalls/${firewall}/actions/remove_from_resources`, {
    remove_from: [target],
  });
  await hetzner.settled((await hetzner.call("POST", `/volumes/${volume}/actions/detach`)).body);
  const attach = { server: id, automount: true };
  await hetzner.settled((await hetzner.call("POST", `/volumes/${volume}/actions/attach`, attach)).body);
  await hetzner.settled((await hetzner.call("POST", `/volumes/${volume}/actions/resize`, { size: 20 })).body);
  await hetzner.settled((await hetzner.call("DELETE", `/servers/${id}`)).body);
  await hetzner.call("DELETE", `/volumes/${volume}`);
  await hetzner.call("DELETE", `/firewalls/${firewall}`);
}

async function beRefused(hetzner: TestHetzner): Promise<void> {
  await hetzner.call("GET", "/servers/1");
  await hetzner.call("GET", "/servers", undefined, "wrong");
  await hetzner.create({ name: "not_a_hostname" });
  const { body } = await hetzner.create({ name: "twice" });
  await hetzner.create({ name: "twice" });
  await hetzner.call("DELETE", `/servers/${body.server.id}`);
  await hetzner.settled(body);
  for (const kind of ["capacity", "rate_limit", "error_before"]) {
    await hetzner.fault({ kind, match: { method: "POST", count: 1 } });
    await hetzner.create();
  }
}
