import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { TestDaytona, type TestSandbox } from "../testing/daytona.ts";
import { eventually, TestCloud } from "../testing/harness.ts";

let cloud: TestCloud;
let daytona: TestDaytona;
let sandbox: TestSandbox;
beforeAll(async () => {
  cloud = await TestCloud.start();
  daytona = new TestDaytona(() => cloud.cloud);
  sandbox = await daytona.sandbox();
});
afterAll(() => cloud.close());

const post = (path: string, body?: unknown) => daytona.toolbox(sandbox, "POST", path, body);
const get = (path: string, headers?: Record<string, string>) =>
  daytona.toolbox(sandbox, "GET", path, undefined, headers);

async function session(): Promise<string> {
  const sessionId = randomUUID();
  await post("/process/session", { sessionId });
  return sessionId;
}

async function finish(id: string, command: string): Promise<string> {
  const { body } = await post(`/process/session/${id}/exec`, { command, runAsync: true });
  const path = `/process/session/${id}/command/${body.cmdId}`;
  await eventually(async () => (await get(path)).body.exitCode !== undefined);
  return path;
}

describe("execute", () => {
  it("mixes both outputs, in their order", async ({ expect }) => {
    const command = "echo one; echo two >&2; echo three; pwd; echo $NAME; exit 3";
    const { status, body } = await post("/process/execute", { command, cwd: "/tmp", envs: { NAME: "a b" } });
    expect([status, body]).toEqual([200, { exitCode: 3, result: "one\ntwo\nthree\n/tmp\na b\n" }]);
  });

  it("answers 408 when it takes too long, and what it said is lost", async ({ expect }) => {
    const { status, body } = await post("/process/execute", { command: "echo said; sleep 60", timeout: 1 });
    expect(status).toBe(408);
    expect(body).toMatchObject({ statusCode: 408, code: "PROCESS_EXECUTION_TIMEOUT", method: "POST" });
    expect(JSON.stringify(body)).not.toContain("said");
  });
});

describe("a session", () => {
  it("takes a command without waiting, and tells its outputs apart and its exit code", async ({ expect }) => {
    const id = await session();
    const { status, body } = await post(`/process/session/${id}/exec`, {
      command: "echo out; echo err >&2; sleep 0.2; (exit 7)",
      runAsync: true,
    });
    expect([status, Object.keys(body)]).toEqual([202, ["cmdId"]]);
    const path = `/process/session/${id}/command/${body.cmdId}`;
    expect((await get(path)).body.exitCode).toBeUndefined();
    await eventually(async () => (await get(path)).body.exitCode === 7);
    expect((await get(`${path}/logs`)).body).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      output: "out\nerr\n",
    });
    const old = await get(`${path}/logs`, { "x-daytona-sdk-version": "0.150.0" });
    expect(old.body).toBe("\x01\x01\x01out\n\x02\x02\x02err\n");
  });

  it("is one shell: what a command sets, the next one has", async ({ expect }) => {
    const id = await session();
    await finish(id, "cd /var; export SEEN=yes");
    const path = await finish(id, "pwd; echo $SEEN");
    expect((await get(`${path}/logs`)).body.stdout).toBe("/var\nyes\n");
    const { body } = await get(`/process/session/${id}`);
    expect(body.commands.map(({ exitCode }: { exitCode: number }) => exitCode)).toEqual([0, 0]);
  });

  it("waits where it is asked to", async ({ expect }) => {
    const id = await session();
    const { status, body } = await post(`/process/session/${id}/exec`, { command: "echo out; false" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ exitCode: 1, stdout: "out\n", stderr: "" });
  });

  it("takes quotes, lines and a lot of text as they are", async ({ expect }) => {
    const id = await session();
    const text = `it's "odd" $HOME \`x\` \\ é\n`.repeat(4000);
    const path = await finish(id, `printf %s '${text.replaceAll("'", "'\\''")}'`);
    expect((await get(`${path}/logs`)).body.stdout).toBe(text);
  });

  it("ends with what its shell started, and not with what left it", async ({ expect }) => {
    const id = await session();
    await post(`/process/session/${id}/exec`, {
      command: "setsid -f sleep 4713 >/dev/null 2>&1; sleep 4714",
      runAsync: true,
    });
    const count = (seconds: number) => daytona.sh(sandbox, `ps -eo args | grep -cx 'sleep ${seconds}'`);
    await eventually(async () => (await count(4714)) === "1\n");
    expect((await daytona.toolbox(sandbox, "DELETE", `/process/session/${id}`)).status).toBe(204);
    expect([await count(4713), await count(4714)]).toEqual(["1\n", "0\n"]);
    expect((await get(`/process/session/${id}`)).status).toBe(404);
    expect((await daytona.toolbox(sandbox, "DELETE", `/process/session/${id}`)).status).toBe(404);
  });

  it("cannot be made twice, and says when a command has ended it", async ({ expect }) => {
    const id = await session();
    expect((await post("/process/session", { sessionId: id })).status).toBe(409);
    const { body } = await post(`/process/session/${id}/exec`, { command: "exit 3", runAsync: true });
    const path = `/process/session/${id}/command/${body.cmdId}`;
    await eventually(async () => (await get(path)).status === 410);
    expect((await get(path)).body.code).toBe("SESSION_ENDED");
    expect((await post(`/process/session/${id}/exec`, { command: "true" })).status).toBe(410);
  });

  it("does not outlive a stop", async ({ expect }) => {
    const other = await daytona.sandbox();
    await daytona.toolbox(other, "POST", "/process/session", { sessionId: "s" });
    await daytona.act(other, "stop", "stopped");
    await daytona.act(other, "start", "started");
    expect((await daytona.toolbox(other, "GET", "/process/session")).body).toEqual([]);
    expect((await daytona.toolbox(other, "POST", "/process/session", { sessionId: "s" })).status).toBe(201);
  });
});

describe("the entrypoint", () => {
  it("has a session of its own, with what it said and how it ended; the sandbox stays", async ({
    expect,
  }) => {
    const other = await daytona.sandbox({
      buildInfo: {
        dockerfileContent: 'FROM debian:12\nENTRYPOINT ["/bin/sh","-c","echo up; echo oh >&2; exit 5"]\n',
      },
    });
    const path = "/process/session/entrypoint";
    const state = async () => (await daytona.toolbox(other, "GET", path)).body.commands[0];
    await eventually(async () => (await state()).exitCode === 5);
    const { body } = await daytona.toolbox(other, "GET", `${path}/logs`);
    expect([body.stdout, body.stderr]).toEqual(["up\n", "oh\n"]);
    expect((await daytona.call("GET", `/sandbox/${other.id}`)).body.state).toBe("started");
  });

  it("is absent where the image names none", async ({ expect }) => {
    const other = await daytona.sandbox({ buildInfo: undefined, snapshot: "daytona-small" });
    expect((await daytona.toolbox(other, "GET", "/process/session/entrypoint")).status).toBe(404);
  });
});
