/** From a visitor through a tunnel and a server's connector to a container's port. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Engine } from "../../docker-engine-client/engine.ts";
import { eventually } from "../testing/harness.ts";
import { TestHetzner } from "../testing/hetzner.ts";

const ACCOUNT = "a".repeat(32);
const ZONE = "b".repeat(32);
const HOST = "o-whole.gentity.test";

let hetzner: TestHetzner;
beforeAll(async () => {
  hetzner = await TestHetzner.start();
});
afterAll(() => hetzner.close());

async function cloudflare(method: string, path: string, body: object) {
  const response = await fetch(`${hetzner.cloud.cloud.cloudflareUrl}${path}`, {
    method,
    headers: { authorization: "Bearer test-token", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { success, result, errors } = (await response.json()) as {
    success: boolean;
    result: { id: string };
    errors: object[];
  };
  if (!success) throw new Error(JSON.stringify(errors));
  return result;
}

/** @returns the connector's token. */
async function tunnel(port: number): Promise<string> {
  const secret = randomBytes(32).toString("base64");
  const { id } = await cloudflare("POST", `/accounts/${ACCOUNT}/cfd_tunnel`, {
    name: "whole",
    config_src: "cloudflare",
    tunnel_secret: secret,
  });
  await cloudflare("PUT", `/accounts/${ACCOUNT}/cfd_tunnel/${id}/configurations`, {
    config: {
      ingress: [{ hostname: HOST, service: `http://localhost:${port}` }, { service: "http_status:404" }],
    },
  });
  await cloudflare("POST", `/zones/${ZONE}/dns_records`, {
    type: "CNAME",
    name: HOST,
    content: `${id}.cfargotunnel.com`,
    proxied: true,
  });
  return Buffer.from(JSON.stringify({ a: ACCOUNT, s: secret, t: id })).toString("base64");
}

const userData = (token: string) => `#cloud-config
write_files:
  - path: /etc/systemd/system/connector.service
    content: |
      [Service]
      Environment=TUNNEL_TOKEN=${token}
      ExecStart=/usr/bin/cloudflared tunnel --no-autoupdate run
      Restart=always
      [Install]
      WantedBy=multi-user.target
runcmd:
  - printf %s "$DOCKER_HOST" > "$GENTITY_ROOT/var/lib/docker-host"
  - systemctl enable --now connector
`;

describe("a server behind a tunnel", () => {
  it("serves its container's port to visitors, until its power is cut", async ({ expect }) => {
    const id = await hetzner.server({ user_data: userData(await tunnel(3000)) });
    const visit = async () => {
      const response = await fetch(`${hetzner.cloud.cloud.tunnelUrl}/${HOST}/body`, {
        method: "POST",
        body: "hello",
      });
      return [response.status, await response.text()];
    };
    const file = `${hetzner.cloud.stateDir}/hetzner/servers/${id}/root/var/lib/docker-host`;
    const address = () => readFile(file, "utf8").catch(() => "");
    await eventually(async () => (await address()) !== "");
    const engine = new Engine((await address()).replace("unix://", ""));
    const pull = { query: { fromImage: "gentity/probe", tag: "1" } };
    for await (const _ of engine.follow("POST", "/images/create", pull));
    const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", {
      body: {
        Image: "gentity/probe:1",
        HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "3000" }] } },
      },
    });
    await engine.call("POST", `/containers/${Id}/start`);
    await eventually(async () => (await visit())[0] === 200);
    expect(await visit()).toEqual([200, "hello"]);
    await hetzner.act(id, "poweroff");
    await eventually(async () => (await visit())[0] === 530);
  });
});
