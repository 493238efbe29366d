/** One set of expectations for the stand-in and, where there is one, for a real engine: that keeps the stand-in honest. */
import { mkdtemp } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Demultiplexer } from "../../docker-engine-client/demultiplex.ts";
import { Engine } from "../../docker-engine-client/engine.ts";
import type { PullEvent } from "../../docker-engine-client/pull-progress.ts";
import { tarOf } from "../../docker-engine-client/tar.ts";
import { probeImage } from "../images/probe.ts";
import { silentLog } from "../log.ts";
import { chooseRuntime } from "../runtime/choose.ts";
import { removeTree } from "../runtime/remove-tree.ts";
import { TEST_IMAGE, testEngine } from "../testing/engine.ts";
import { eventually } from "../testing/harness.ts";
import { DockerEngine } from "./engine.ts";

interface Subject {
  name: string;
  image: string;
  open(): Promise<{ client: Engine; close(): Promise<void> }>;
}

const standIn: Subject = {
  name: "the stand-in",
  image: "gentity/probe:1",
  async open() {
    const dir = await mkdtemp(join(tmpdir(), "localcloud-engine-"));
    const runtime = await chooseRuntime({ scope: `localcloud-engine-${process.pid}`, dockerHost: false });
    const socketPath = join(dir, "d.sock");
    const engine = await DockerEngine.open({
      dir: join(dir, "engine"),
      socketPath,
      portMapFile: join(dir, "ports.json"),
      runtime,
      images: { resolve: async () => probeImage() },
      hostPath: async (path) => path,
      serveEgress() {},
      log: silentLog,
    });
    await engine.listen();
    const client = new Engine(socketPath, "1.41");
    const pull = { query: { fromImage: "gentity/probe", tag: "1" } };
    for await (const event of client.follow<PullEvent>("POST", "/images/create", pull)) {
      if (event.error) throw new Error(event.error);
    }
    return {
      client,
      async close() {
        await engine.close(0);
        await runtime.close();
        await removeTree(dir);
      },
    };
  },
};

const found = await testEngine();
if ("reason" in found) process.stderr.write(`Docker: the stand-in is not compared, ${found.reason}\n`);
const subjects: Subject[] = [standIn];
if (found instanceof Engine) {
  subjects.push({
    name: "Docker",
    image: TEST_IMAGE,
    open: async () => ({ client: found, close: async () => {} }),
  });
}

const IDLE = "trap 'exit 0' TERM; while :; do sleep 0.05; done";
const IGNORES = "trap '' TERM; while :; do sleep 0.05; done";

interface Inspected {
  Name: string;
  State: { Status: string; Running: boolean; ExitCode: number; StartedAt: string };
  Config: { Labels: Record<string, string>; Env: string[]; User: string };
}

describe.for(subjects)("an engine: $name", ({ image, open }) => {
  let client: Engine;
  let close: () => Promise<void>;
  const made: string[] = [];
  beforeAll(async () => {
    ({ client, close } = await open());
  });
  afterAll(async () => {
    for (const id of made)
      await client.call("DELETE", `/containers/${id}`, { query: { force: "1" } }).catch(() => {});
    await close();
  });

  async function create(script: string, more: object = {}, name?: string): Promise<string> {
    const { Id } = await client.call<{ Id: string }>("POST", "/containers/create", {
      query: name === undefined ? {} : { name },
      body: {
        Image: image,
        User: "0",
        Entrypoint: ["/bin/sh", "-c"],
        Cmd: [script],
        HostConfig: { NetworkMode: "none" },
        ...more,
      },
    });
    made.push(Id);
    return Id;
  }
  const post = <T = void>(id: string, action: string, query: Record<string, string> = {}) =>
    client.call<T>("POST", `/containers/${id}/${action}`, { query });
  async function started(script: string, more: object = {}): Promise<string> {
    const id = await create(script, more);
    await post(id, "start");
    return id;
  }
  const inspect = (id: string) => client.call<Inspected>("GET", `/containers/${id}/json`);
  const status = async (call: Promise<unknown>): Promise<number> =>
    call.then(
      () => 200,
      ({ status }: { status: number }) => status,
    );

  async function read(stream: Socket): Promise<{ stdout: string; stderr: string }> {
    const said = { stdout: "", stderr: "" };
    const demultiplexer = new Demultiplexer((name, data) => {
      said[name] += Buffer.from(data).toString();
    });
    stream.on("data", (data: Buffer) => demultiplexer.push(data));
    await new Promise((resolve) => stream.once("close", resolve));
    return said;
  }
  async function begin(id: string, body: object): Promise<{ exec: string; stream: Socket }> {
    const { Id: exec } = await client.call<{ Id: string }>("POST", `/containers/${id}/exec`, {
      body: { AttachStdin: true, AttachStdout: true, AttachStderr: true, ...body },
    });
    const tty = "Tty" in body;
    return {
      exec,
      stream: await client.hijack(`/exec/${exec}/start`, { body: { Detach: false, Tty: tty } }),
    };
  }
  async function run(id: string, script: string, more: object = {}, input = "") {
    const { exec, stream } = await begin(id, { Cmd: ["/bin/sh", "-c", script], ...more });
    stream.end(input);
    const said = await read(stream);
    const { ExitCode, Running } = await client.call<{ ExitCode: number; Running: boolean }>(
      "GET",
      `/exec/${exec}/json`,
    );
    return { ...said, code: ExitCode, isRunning: Running };
  }
  /** Both outputs of what the main command printed. */
  async function logs(id: string, query: Record<string, string> = {}): Promise<string> {
    const parts: string[] = [];
    const demultiplexer = new Demultiplexer((name, data) =>
      parts.push(`${name}:${Buffer.from(data).toString()}`),
    );
    const socket = await rawLogs(id, { stdout: "1", stderr: "1", ...query });
    for await (const part of socket) demultiplexer.push(part as Buffer);
    return parts.join("");
  }
  async function rawLogs(id: string, query: Record<string, string>) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const path = `/v1.41/containers/${id}/logs?${new URLSearchParams(query)}`;
      const outgoing = request({ socketPath: client.socketPath, path, agent: false }, resolve);
      outgoing.once("error", reject);
      outgoing.end();
    });
  }

  it("creates, starts, shows, stops and removes", async ({ expect }) => {
    const id = await create(
      IDLE,
      { Labels: { a: "1", mark: "life" }, Env: ["X=y=z"] },
      `life-${process.pid}`,
    );
    expect(await inspect(id)).toMatchObject({
      Name: `/life-${process.pid}`,
      State: { Status: "created", Running: false, ExitCode: 0 },
      Config: { Labels: { a: "1" }, User: "0" },
    });
    await post(id, "start");
    // Again is no error: the client sees 304 as an answer.
    await post(id, "start");
    expect((await inspect(`life-${process.pid}`)).State).toMatchObject({ Status: "running", Running: true });
    const filters = JSON.stringify({ label: ["mark=life"] });
    const listed = await client.call<{ Id: string; State: string }[]>("GET", "/containers/json", {
      query: { filters },
    });
    expect(listed).toMatchObject([{ Id: id, State: "running" }]);
    expect(await status(client.call("DELETE", `/containers/${id}`))).toBe(409);
    await post(id, "stop", { t: "10" });
    expect((await inspect(id)).State).toMatchObject({ Status: "exited", Running: false, ExitCode: 0 });
    expect(await client.call("GET", "/containers/json", { query: { filters } })).toEqual([]);
    await client.call("DELETE", `/containers/${id}`);
    expect(await status(inspect(id))).toBe(404);
  });

  it("refuses a name that is taken, an image that is not there, and a container that is not", async ({
    expect,
  }) => {
    await create(IDLE, {}, `taken-${process.pid}`);
    expect(await status(create(IDLE, {}, `taken-${process.pid}`))).toBe(409);
    expect(await status(create(IDLE, { Image: "gentity/missing:9" }))).toBe(404);
    expect(await status(post("no-such", "start"))).toBe(404);
    expect(await status(client.call("GET", "/images/gentity/missing:9/json"))).toBe(404);
    expect(await client.call("GET", `/images/${image}/json`)).toMatchObject({
      Id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  it("says that a container did not start when its command is not there", async ({ expect }) => {
    const id = await create("", { Entrypoint: ["no-such-program"], Cmd: [] });
    expect(await status(post(id, "start"))).toBe(400);
    const { State } = await inspect(id);
    expect(State.Running).toBe(false);
    expect(State.ExitCode).toBe(127);
  });

  it("tells how the main command ended to whoever waits", async ({ expect }) => {
    const id = await started("sleep 0.3; exit 7");
    expect(await post(id, "wait")).toMatchObject({ StatusCode: 7 });
    expect(await post(id, "wait")).toMatchObject({ StatusCode: 7 });
    expect((await inspect(id)).State).toMatchObject({ Status: "exited", ExitCode: 7 });
    const ignoring = await started(IGNORES);
    await post(ignoring, "stop", { t: "1" });
    expect((await inspect(ignoring)).State.ExitCode).toBe(137);
    const killed = await started(IDLE);
    await post(killed, "kill");
    await eventually(async () => !(await inspect(killed)).State.Running);
    expect((await inspect(killed)).State.ExitCode).toBe(137);
    expect(await status(post(killed, "kill"))).toBe(409);
  });

  it("keeps its disk over a stop", async ({ expect }) => {
    const id = await started(IDLE);
    await run(id, "echo kept > /root/kept || echo kept > /kept");
    await post(id, "stop", { t: "5" });
    await post(id, "start");
    expect((await run(id, "cat /root/kept 2>/dev/null || cat /kept")).stdout).toBe("kept\n");
  });

  it("runs commands with both outputs, a code, input and its end", async ({ expect }) => {
    const id = await started(IDLE, { Env: ["FROM=container", "KEPT=yes"] });
    const failed = await run(id, "cat; echo err >&2; exit 3", {}, "in");
    expect(failed).toEqual({ stdout: "in", stderr: "err\n", code: 3, isRunning: false });
    const own = { Env: ["FROM=exec"], WorkingDir: "/tmp" };
    expect((await run(id, "echo $FROM $KEPT; pwd", own)).stdout).toBe("exec yes\n/tmp\n");
    const lost = await begin(id, { Cmd: ["no-such-program"] });
    expect((await read(lost.stream)).stdout).toMatch(/^OCI runtime exec failed: /);
    expect(await client.call("GET", `/exec/${lost.exec}/json`)).toMatchObject({
      // The newer ones know it better.
      ExitCode: expect.toBeOneOf([126, 127]),
    });
  });

  it("carries output while a command runs, and input to it", async ({ expect }) => {
    const id = await started(IDLE);
    const { stream } = await begin(id, {
      Cmd: ["/bin/sh", "-c", "read a; echo got $a; read b; echo and $b"],
    });
    let said = "";
    const demultiplexer = new Demultiplexer((_, data) => {
      said += Buffer.from(data).toString();
    });
    stream.on("data", (data: Buffer) => demultiplexer.push(data));
    stream.write("one\n");
    await eventually(() => said === "got one\n");
    stream.write("two\n");
    await eventually(() => said === "got one\nand two\n");
    stream.end();
    expect(
      stream.destroyed || (await new Promise((resolve) => stream.once("close", () => resolve(true)))),
    ).toBe(true);
  });

  it("gives a command a terminal with a size", async ({ expect }) => {
    const id = await started(IDLE);
    const { exec, stream } = await begin(id, { Cmd: ["/bin/sh"], Tty: true });
    await client.call("POST", `/exec/${exec}/resize`, { query: { h: "33", w: "101" } });
    let screen = "";
    stream.on("data", (data: Buffer) => {
      screen += data.toString();
    });
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.write("stty size; exit 5\r");
    await closed;
    expect(screen).toContain("33 101");
    expect(await client.call("GET", `/exec/${exec}/json`)).toMatchObject({ ExitCode: 5, Running: false });
  });

  it("refuses a command in a container that does not run", async ({ expect }) => {
    const id = await create(IDLE);
    expect(await status(begin(id, { Cmd: ["true"] }))).toBe(409);
  });

  it("keeps what the main command printed, and follows it", async ({ expect }) => {
    const id = await started("echo one; echo two >&2; sleep 0.5; echo three; printf last; exit 0");
    await eventually(async () => (await logs(id)).includes("stderr:two\n"));
    const followed = await logs(id, { follow: "1" });
    expect(followed).toContain("stdout:one\n");
    expect(followed).toContain("stdout:three\n");
    // Docker may end a followed stream before what came without an end of line is written down.
    await eventually(async () => (await logs(id)).endsWith("stdout:last"));
    expect(await logs(id, { tail: "2" })).toBe("stdout:three\nstdout:last");
    expect(await logs(id, { stdout: "0" })).toBe("stderr:two\n");
    expect(await logs(id, { timestamps: "1", tail: "1" })).toMatch(
      /^stdout:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z last$/,
    );
    const soon = Math.floor(Date.now() / 1000) + 60;
    expect(await logs(id, { since: `${soon}.000000001` })).toBe("");
    const [, stamp = ""] = (await logs(id, { timestamps: "1" })).match(/stdout:(\S+) three/) ?? [];
    const [whole = "", nanoseconds = ""] = stamp.replace("Z", "").split(".");
    const position = `${Date.parse(`${whole}Z`) / 1000}.${nanoseconds}`;
    expect(await logs(id, { since: position })).toBe("stdout:three\nstdout:last");
  });

  it("hands an attached caller what the main command prints", async ({ expect }) => {
    const id = await create("echo hello; echo oops >&2");
    const stream = await client.hijack(`/containers/${id}/attach`, {
      query: { stream: "1", stdout: "1", stderr: "1" },
    });
    const said = read(stream);
    await post(id, "start");
    expect(await said).toEqual({ stdout: "hello\n", stderr: "oops\n" });
  });

  it("takes files before its start and while it runs, with their owners and modes", async ({ expect }) => {
    const id = await create(IDLE);
    const owner = { uid: 1000, gid: 1000 };
    const put = (path: string, files: Parameters<typeof tarOf>[0]) =>
      client.call("PUT", `/containers/${id}/archive`, { query: { path }, tar: tarOf(files) });
    const long = `${"d".repeat(90)}/${"f".repeat(90)}`;
    await put("/", [
      { path: "srv/given", content: Buffer.alloc(0), isFolder: true, mode: 0o750, owner },
      { path: "srv/given/secret", content: Buffer.from("early"), mode: 0o600, owner },
      { path: `srv/${long}`, content: Buffer.from("long") },
    ]);
    await post(id, "start");
    expect((await run(id, `cat /srv/given/secret /srv/${long}`)).stdout).toBe("earlylong");
    await put("/srv/given", [{ path: "late", content: Buffer.from("late"), mode: 0o640, owner }]);
    const owners = await run(id, "cd /srv/given; stat -c '%n %u %g %a' . secret late");
    if (process.getuid?.() === 0) {
      expect(owners.stdout).toBe(". 1000 1000 750\nsecret 1000 1000 600\nlate 1000 1000 640\n");
    }
    expect(await status(put("/no/such/folder", []))).toBe(404);
  });

  it("binds a folder of the server, as the container's user", async ({ expect }) => {
    const folder = await mkdtemp(join(tmpdir(), "localcloud-bind-"));
    try {
      const HostConfig = { NetworkMode: "none", Binds: [`${folder}:/data`] };
      const id = await started(`id -u; echo bound > /data/file; ${IDLE}`, { HostConfig });
      await eventually(async () => (await run(id, "cat /data/file")).stdout === "bound\n");
      expect(await logs(id)).toBe("stdout:0\n");
    } finally {
      await removeTree(folder);
    }
  });
});
