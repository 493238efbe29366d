/** What must hold of a server that was told no more than a real one is. */
import { randomBytes } from "node:crypto";
import { parse } from "yaml";
import { deriveEnrolmentSecret, deriveTunnelSecret } from "../../src/providers/hetzner/derive.ts";
import type { Deployment } from "./deployment.ts";
import type { GivenServer } from "./disks.ts";
import type { Machine } from "./machine.ts";
import { expect, type Report, until } from "./report.ts";

/** Everything in software: what takes a second elsewhere may take a minute here. */
const PATIENCE_MS = 180_000;
const METADATA = "169.254.169.254";
const CURL_TIMED_OUT = 28;

export interface Running {
  deployment: Deployment;
  machine: Machine;
  server: GivenServer;
  instance: { id: string; subdomain: string };
  apiKey: string;
}

export interface ExecAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
  substrate: string;
}

export async function exec({ deployment, instance }: Running, command: string): Promise<ExecAnswer> {
  const path = `/api/instances/${instance.id}/exec`;
  const { status, body, text } = await deployment.api("POST", path, { command, timeoutSeconds: 120 });
  expect(status === 200, `exec was answered with ${status} ${text}`);
  return body;
}

/** Of the text alone: before anything is booted with it. */
export async function checkInstructions(
  report: Report,
  { deployment, server, apiKey }: Omit<Running, "machine">,
): Promise<void> {
  const text = server.user_data;
  await report.check("the instructions are smaller than 32 KiB", async () => {
    const bytes = Buffer.byteLength(text);
    expect(bytes < 32 * 1024, `${bytes} bytes`);
    return `${bytes} bytes`;
  });
  await report.check("they hold no secret but the enrolment's", async () => {
    const config = enrolmentOf(server);
    const fields = Object.keys(config).sort().join(", ");
    expect(fields === "controlUrl, enrolmentSecret, instanceId, volume", `host.json has ${fields}`);
    const { hostSecret, cloudToken, token, sealingKeys, auditSigningKeys, adminToken } = deployment.secrets;
    const expected = await deriveEnrolmentSecret(hostSecret, config.instanceId);
    expect(config.enrolmentSecret === expected, "the enrolment's secret is another instance's");
    const tunnel = await deriveTunnelSecret(hostSecret, config.instanceId);
    const ours = { hostSecret, cloudToken, token, adminToken, sealingKeys, auditSigningKeys };
    const secrets = { apiKey, tunnel, ...ours };
    for (const [name, secret] of Object.entries(secrets)) {
      const bare = secret.replace(/^\w+:/, "");
      for (const form of [bare, Buffer.from(bare).toString("base64")]) {
        expect(!text.includes(form), `${name} is in the instructions`);
      }
    }
    const left = text.replaceAll(config.enrolmentSecret, "").replace(/[0-9a-f]{64}/g, "");
    const random = left.match(/[A-Za-z0-9_+-]{32,}/g) ?? [];
    expect(
      random.length === 0,
      `these look like secrets: ${random.map((word) => word.slice(0, 6)).join(", ")}`,
    );
  });
}

interface Enrolment {
  controlUrl: string;
  instanceId: string;
  enrolmentSecret: string;
}

function enrolmentOf({ user_data }: GivenServer): Enrolment {
  const { write_files } = parse(user_data) as { write_files: { path: string; content: string }[] };
  const file = write_files.find(({ path }) => path === "/etc/gentity/host.json");
  return JSON.parse(file?.content ?? "{}") as Enrolment;
}

export async function checkServer(report: Report, running: Running): Promise<void> {
  const { machine, server, deployment, instance } = running;
  await report.check("cloud-init ended without an error", async () => {
    const said = await machine.output("cloud-init status --wait --long", PATIENCE_MS);
    expect(/^status: done$/m.test(said), said);
    const result = JSON.parse(await machine.output("cat /run/cloud-init/result.json"));
    expect(result.v1.errors.length === 0, JSON.stringify(result.v1.errors));
    const took = await machine.output("cloud-init analyze show | grep 'Total Time' | tail -n 1");
    return took.replace(/\s+/g, " ");
  });
  await report.check("an exec through the public API is answered from inside", async () => {
    const { exitCode, stdout, stderr, substrate } = await exec(running, "hostname; echo oops >&2; exit 3");
    expect(exitCode === 3 && stderr.trim() === "oops", JSON.stringify({ exitCode, stdout, stderr }));
    expect(stdout.trim() === instance.id, `it ran on ${stdout}`);
    const kernel = (await exec(running, "uname -r")).stdout.trim();
    expect(kernel === (await machine.output("uname -r")), `it ran on the kernel ${kernel}`);
    return `${substrate}, kernel ${kernel}`;
  });
  await report.check("the public URL reaches the agent through the tunnel", async () => {
    const { status, text } = await deployment.visit(instance.subdomain);
    expect(status === 200 && text.startsWith("the stand-in for"), `${status} ${text.slice(0, 300)}`);
  });
  await report.check("the agent's data lies on the volume", async () => {
    await exec(running, "echo kept > /workspace/of-the-test");
    const device = `/dev/disk/by-id/scsi-0HC_Volume_${server.volumes[0]}`;
    const source = await machine.output("findmnt -no SOURCE /mnt/gentity");
    expect(source === (await machine.output(`readlink -f ${device}`)), `/mnt/gentity is ${source}`);
    const kept = await machine.output("cat /mnt/gentity/data/of-the-test");
    expect(kept === "kept", kept);
  });
  await report.check("nothing listens but the container engine, on the loopback", async () => {
    const lines = (await machine.output("ss -Hltnp")).split("\n").map((line) => line.trim().split(/\s+/));
    const listeners = lines.map(([, , , address = "", , by = ""]) => `${address} ${/"(.*?)"/.exec(by)?.[1]}`);
    // The agent's port, and a door of containerd's own that Debian leaves open.
    const others = listeners.filter((line) => !/^127\.0\.0\.1:\d+ (docker-proxy|containerd)$/.test(line));
    expect(
      listeners.some((line) => line.endsWith("docker-proxy")),
      "the agent's port is not published",
    );
    expect(others.length === 0, others.join("\n"));
    return listeners.join(", ");
  });
  await report.check("a second enrolment with another key is refused", async () => {
    const { instanceId, enrolmentSecret: secret } = enrolmentOf(server);
    const body = { instanceId, secret, publicKey: randomBytes(32).toString("base64url") };
    const { status, text } = await deployment.api("POST", "/api/host/enrol", body);
    expect(status === 409 && text.includes("already_enrolled"), `${status} ${text}`);
    return `${status} already_enrolled`;
  });
}

/** With something to be found there: a web server in a network of its own. */
export async function checkMetadata(report: Report, running: Running): Promise<void> {
  const { machine } = running;
  const ask = () => exec(running, `curl -sS --max-time 5 http://${METADATA}/`);
  const expectClosed = async () => {
    const { exitCode, stdout, stderr } = await ask();
    expect(exitCode === CURL_TIMED_OUT, `a container got: ${stdout}${stderr}`);
  };
  await report.check("the metadata service is closed to containers, and open to the server", async () => {
    await machine.output(`set -e
ip netns add metadata
ip link add metadata0 type veth peer name inside netns metadata
ip addr add 169.254.169.253/30 dev metadata0
ip link set metadata0 up
ip -n metadata addr add ${METADATA}/30 dev inside
ip -n metadata link set inside up
ip -n metadata link set lo up
ip -n metadata route add default via 169.254.169.253
mkdir -p /run/metadata
echo metadata >/run/metadata/index.html
ip netns exec metadata setsid busybox httpd -p ${METADATA}:80 -h /run/metadata`);
    const outside = await machine.output(`curl -sS --max-time 20 http://${METADATA}/`);
    expect(outside === "metadata", `the server itself got: ${outside}`);
    await expectClosed();
    const rules = await machine.output("nft list table inet gentity");
    expect(/169\.254\.0\.0\/16 drop/.test(rules), rules);
  });
  await report.check("… by that rule alone: without it a container reaches it", async () => {
    await machine.output("nft delete table inet gentity");
    const { stdout, stderr } = await ask();
    await machine.output("nft -f /etc/gentity/metadata.nft");
    expect(stdout.trim() === "metadata", `a container got: ${stdout}${stderr}`);
    await expectClosed();
  });
}

export async function checkHostRestart(report: Report, running: Running): Promise<void> {
  const { machine, deployment, instance } = running;
  await report.check("a restart of the host program leaves the agent and the tunnel alone", async () => {
    const look = () =>
      machine.output(
        "docker inspect -f '{{.Id}} {{.State.StartedAt}}' gentity-agent; pgrep -f cloudflared.mjs",
      );
    const program = () => machine.output("systemctl show -p MainPID --value gentity-host");
    const [before, pid] = [await look(), await program()];
    await machine.output("systemctl restart gentity-host");
    expect((await program()) !== pid, "it was not restarted");
    await until("an exec after the restart", PATIENCE_MS, async () => {
      const path = `/api/instances/${instance.id}/exec`;
      const { status, body } = await deployment.api("POST", path, { command: "echo again" });
      return status === 200 && body.stdout === "again\n";
    });
    const after = await look();
    expect(after === before, `before:\n${before}\nafter:\n${after}`);
    return `the container has run since ${before.split(/\s/)[1]}`;
  });
}
