import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDaytonaProvider } from "../../src/providers/daytona/provider.ts";
import type { ExecRequest, Target } from "../../src/providers/provider.ts";
import { describeProvider } from "./contract.ts";
import { startTestDaytona, type TestDaytona } from "./daytona-cloud.ts";
import { drive, driveAll, run, stateOf, UP } from "./drive.ts";

let cloud: TestDaytona;
beforeAll(async () => {
  cloud = await startTestDaytona();
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

describeProvider("daytona", () => cloud);

const order = (rule: object) => cloud.api("POST", "/_control/faults", rule);
const sandboxOf = async ({ refs }: Target) =>
  (await cloud.api("GET", `/sandbox/${refs.machine}`)).body as Record<string, unknown>;

async function shell(target: Target, script: string): Promise<unknown> {
  const outcome = await cloud.provider.exec(target, { command: ["sh", "-c", script], timeoutSeconds: 10 });
  return outcome.type === "ok" ? outcome.value.stdout : outcome;
}

describe("a sandbox as a machine", () => {
  it("is made by name and labels, never stops by itself, and has no preview for everybody", async () => {
    const target = cloud.newTarget({
      spec: { cpuKind: "performance", cpus: 2, memoryMb: 3000, volumeGb: 4 },
    });
    await driveAll(cloud, UP, target, cloud.recipe({ id: "r1" }));
    expect(await sandboxOf(target)).toMatchObject({
      name: `gentity-${target.instanceId}`,
      labels: {
        gentity_instance: target.instanceId,
        gentity_account: "acc1",
        gentity_managed: "true",
        gentity_recipe: "r1",
      },
      autoStopInterval: 0,
      autoDeleteInterval: -1,
      public: false,
      cpu: 2,
      memory: 3,
      disk: 4,
    });
  });

  it("shares its image's build with every other instance, whatever theirs is given", async () => {
    const builds = new Set<unknown>();
    for (const content of ["one", "two"]) {
      const target = cloud.newTarget();
      const files = [{ path: "/data/secret", content, firstBootOnly: false }];
      await driveAll(cloud, ["machine"], target, cloud.recipe({ env: { KEY: content }, files }));
      const { buildInfo } = (await sandboxOf(target)) as { buildInfo: { dockerfileContent: string } };
      builds.add(buildInfo.dockerfileContent);
    }
    expect(builds.size).toBe(1);
  });

  it("cannot be public, and says who could", async () => {
    const target = cloud.newTarget({ exposure: "public" });
    for (const step of ["place", "ready"] as const) {
      const outcome = await run(cloud, step, target, cloud.recipe({ port: 8080 }));
      expect(outcome, step).toMatchObject({ type: "rejected", code: "unsupported", hint: /hetzner/ });
    }
  });

  it("adopts the sandbox that an earlier call made, when only its name says so", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["machine"], target);
    const { machine } = target.refs;
    target.refs.machine = undefined;
    // It does not see the sandbox at first, and the name is taken all the same.
    const body = {
      path: "/",
      timestamp: "",
      statusCode: 404,
      error: "Not Found",
      message: "Sandbox not found",
    };
    const match = { method: "GET", path: "^/api/sandbox/[^/]+$", count: 1 };
    await order({ kind: "error_before", status: 404, body, match });
    await driveAll(cloud, ["machine"], target);
    expect(target.refs.machine).toBe(machine);
  });

  it("does not take the 404 of a wrong address for absence (lesson 9)", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["machine", "boot"], target);
    const { apiUrl } = cloud.config;
    const wrong = createDaytonaProvider({ ...cloud.config, apiUrl: `${apiUrl}/v2` });
    for (const step of ["unmachine", "gone", "observe"] as const) {
      const outcome = await wrong.run(step, target, { holdMs: 0 });
      expect(outcome, step).toMatchObject({
        type: "retry",
        cause: expect.stringContaining("DAYTONA_API_URL"),
      });
    }
    expect(await stateOf(cloud, target)).toBe("started");
  });

  it("waits out what is on its way, with the vendor's reason (lesson 11)", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, [...UP, "stop"], target);
    const message = "Sandbox state change in progress";
    const body = { path: "/", timestamp: "", statusCode: 409, error: "Conflict", message };
    await order({
      kind: "error_before",
      status: 409,
      body,
      match: { method: "POST", path: "^.*/start$", count: 1 },
    });
    const outcome = await run(cloud, "start", target);
    expect(outcome).toMatchObject({ type: "retry", cause: expect.stringContaining(message) });
  });

  it("says why an image could not be built, and a sandbox broke down", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, UP, target);
    await cloud.api("POST", `/_control/machines/${target.refs.machine}/crash`);
    for (const step of ["boot", "start"] as const) {
      expect(await drive(cloud, step, target), step).toMatchObject({
        type: "rejected",
        code: "exited",
        message: expect.stringContaining("exited unexpectedly"),
      });
    }
    expect(await drive(cloud, "observe", target)).toMatchObject({
      value: { observed: { machine: "failed" } },
    });
    await driveAll(cloud, ["unmachine", "gone"], target);
  });

  it("has the settings it was made with, and does not pretend to take others", async () => {
    const target = cloud.newTarget();
    const [first, second] = ["r1", "r2"].map((id) => cloud.recipe({ id }));
    await driveAll(cloud, ["machine", "boot", "configure"], target, first);
    expect(await run(cloud, "configure", target, second)).toMatchObject({
      type: "rejected",
      code: "unsupported",
    });
    await driveAll(cloud, ["unmachine", "configure"], target, second);
  });

  it("is paused with its processes where it is a virtual machine, and really stopped when that is asked", async () => {
    const target = cloud.newTarget();
    const labels = { gentity_instance: target.instanceId, gentity_managed: "true" };
    const name = `gentity-${target.instanceId}`;
    await cloud.api("POST", "/sandbox", { name, labels, snapshot: "daytona-vm-small", autoStopInterval: 0 });
    await driveAll(cloud, ["boot"], target);
    await shell(target, "setsid -f sh -c 'echo $$ >/tmp/pid; exec sleep 600' >/dev/null 2>&1; sleep 0.1");
    await driveAll(cloud, ["suspend", "suspend"], target);
    expect(await stateOf(cloud, target)).toBe("suspended");
    await driveAll(cloud, ["start", "boot"], target);
    expect(await shell(target, "kill -0 $(cat /tmp/pid) && echo alive")).toBe("alive\n");
    await driveAll(cloud, ["suspend", "stop"], target);
    expect(await stateOf(cloud, target)).toBe("stopped");
  });

  it("keeps apart two deployments in one organization", async () => {
    const staging = createDaytonaProvider({ ...cloud.config, prefix: "gentity-staging" });
    const target = cloud.newTarget();
    const made = await staging.run("machine", target, { holdMs: 0, recipe: cloud.recipe() });
    expect(made.type).toBe("ok");
    const [ours, theirs] = await Promise.all([cloud.provider.list(), staging.list()]);
    const has = (list: typeof ours) =>
      list.type === "ok" && list.value.some(({ instanceId }) => instanceId === target.instanceId);
    expect([has(ours), has(theirs)]).toEqual([false, true]);
  });

  it("lists more than a page", async () => {
    const asked: string[] = [];
    const small = createDaytonaProvider({
      ...cloud.config,
      fetch: (input, init) => {
        const url = new URL(String(input));
        if (url.searchParams.has("limit")) url.searchParams.set("limit", "2");
        asked.push(url.searchParams.get("cursor") ?? "");
        return fetch(url, init as RequestInit) as never;
      },
    });
    const [paged, whole] = [await small.list(), await cloud.provider.list()];
    expect(asked.length).toBeGreaterThan(2);
    expect(paged).toEqual(whole);
  });
});

describe("a sandbox's first moments", () => {
  it("give the agent its user, its folder and its files, and leave alone what it changed", async () => {
    const target = cloud.newTarget();
    const recipe = cloud.recipe({
      command: ["id -u; pwd; echo key $KEY boot $GENTITY_BOOT; touch /data/up; exec sleep infinity"],
      user: { uid: 1000, gid: 1000 },
      workdir: "/data/work",
      env: { KEY: "sk-of-the-agent" },
      files: [
        { path: "/data/deep/first.json", content: "it's é\n", firstBootOnly: true, mode: "0600" },
        { path: "/data/always.txt", content: "always\n", firstBootOnly: false },
      ],
    });
    await driveAll(cloud, UP, target, recipe);
    const up = "while [ ! -e /data/up ]; do sleep 0.05; done; rm /data/up;";
    const shown = `${up} cd /data && cat deep/first.json always.txt && stat -c '%n %u:%g %a' . deep/first.json work`;
    expect(await shell(target, shown)).toBe(
      "it's é\nalways\n. 1000:1000 755\ndeep/first.json 1000:1000 600\nwork 1000:1000 755\n",
    );
    await shell(target, "echo mine >/data/deep/first.json; echo mine >/data/always.txt");
    await driveAll(cloud, ["stop", "start", "boot"], target, recipe);
    expect(await shell(target, `${up} cat /data/deep/first.json /data/always.txt`)).toBe("mine\nalways\n");
    const page = await cloud.provider.logs(target, {});
    const lines = page.type === "ok" ? page.value.lines.map(({ message }) => message) : [];
    expect(lines).toEqual([
      expect.stringContaining("no times"),
      "1000",
      "/data/work",
      "key sk-of-the-agent boot",
    ]);
  });

  it("are the image's own where the recipe names no command", async () => {
    const target = cloud.newTarget();
    const recipe = cloud.recipe({ image: "gentity/probe:1", entrypoint: undefined, command: undefined });
    await driveAll(cloud, UP, target, recipe);
    expect(await shell(target, "ps -eo args | grep -c '^node.*probe'")).toMatch(/^[1-9]/);
    const files = [{ path: "/data/x", content: "x", firstBootOnly: false }];
    expect(await run(cloud, "machine", cloud.newTarget(), { ...recipe, files })).toMatchObject({
      code: "invalid_spec",
    });
  });
});

describe("a sandbox's log", () => {
  const UUID = /^[0-9a-f]{8}-/;

  it("is read from where one left off, and from the start when the sandbox was started anew", async () => {
    const target = cloud.newTarget();
    const recipe = cloud.recipe({
      command: [
        "echo first; read line </proc/sys/kernel/random/uuid; while [ ! -e /go ]; do sleep 0.05; done;" +
          'echo "$line"; echo second; exec sleep infinity',
      ],
    });
    await driveAll(cloud, UP, target, recipe);
    let cursor: string | undefined;
    const read = async (until: string) => {
      const lines: string[] = [];
      while (!lines.includes(until)) {
        const page = await cloud.provider.logs(target, { cursor });
        if (page.type !== "ok") throw new Error(JSON.stringify(page));
        lines.push(...page.value.lines.map(({ message }) => message));
        cursor = page.value.cursor;
      }
      return lines;
    };
    expect(await read("first")).toEqual([expect.stringContaining("no times"), "first"]);
    await shell(target, "touch /go");
    expect(await read("second")).toEqual([expect.stringMatching(UUID), "second"]);
    await driveAll(cloud, ["stop"], target);
    expect(await cloud.provider.logs(target, { cursor })).toMatchObject({ value: { lines: [], cursor } });
    const fresh = await cloud.provider.logs(target, {});
    expect(fresh).toMatchObject({ value: { lines: [{ message: expect.stringContaining("only while") }] } });
    await driveAll(cloud, ["start", "boot"], target, recipe);
    expect(await read("second")).toEqual(["first", expect.stringMatching(UUID), "second"]);
  });
});

describe("a single call of exec", () => {
  let target: Target;
  beforeAll(async () => {
    target = cloud.newTarget();
    await driveAll(cloud, UP, target);
  });
  const exec = (request: Partial<ExecRequest> & { command: string[] }) =>
    cloud.provider.exec(target, { timeoutSeconds: 20, ...request });
  const sessions = async () => {
    const url = cloud.config.toolboxUrl.replace("{id}", target.refs.machine ?? "");
    const headers = { authorization: `Bearer ${cloud.config.apiKey}` };
    return (await (await fetch(`${url}/process/session`, { headers })).json()) as unknown[];
  };

  it("has both outputs apart, the exit code, and leaves no session behind", async () => {
    const outcome = await exec({ command: ["sh", "-c", "echo out; echo err >&2; exit 42"] });
    expect(outcome).toEqual({ type: "ok", value: { exitCode: 42, stdout: "out\n", stderr: "err\n" } });
    expect(await sessions()).toEqual([]);
  });

  it("passes on every argument as it is, and no shell is implied", async () => {
    const odd = ["", "a b", "it's", "$HOME", "*", "-x", "é\n", "`x`", "\\"];
    const outcome = await exec({ command: ["sh", "-c", 'for a; do printf "[%s]" "$a"; done', "sh", ...odd] });
    expect(outcome).toMatchObject({ value: { stdout: odd.map((word) => `[${word}]`).join("") } });
    expect(await exec({ command: ["no-such-program"] })).toMatchObject({ value: { exitCode: 127 } });
  });

  it("feeds the command without showing what it is fed in a process list", async () => {
    const stdin = "secret".repeat(8_000);
    const script = "ps -eo args >/tmp/seen; cat | wc -c; grep -cE '(secret){3}' /tmp/seen";
    expect(await exec({ command: ["sh", "-c", script], stdin })).toMatchObject({
      value: { stdout: `${stdin.length}\n0\n` },
    });
  });

  it("ends what takes too long, and says that it may have had its effect", async () => {
    const outcome = await exec({ command: ["sleep", "4715"], timeoutSeconds: 1 });
    expect(outcome).toMatchObject({ type: "unknown", cause: expect.stringContaining("1 s") });
    expect(await shell(target, "ps -eo args | grep -cx 'sleep 4715'; true")).toBe("0\n");
    expect(await sessions()).toEqual([]);
  });

  it.each(["lost_answer", "error_after"])(
    "%s at the start: finds the command in its session",
    async (kind) => {
      await shell(target, "rm -f /tmp/count");
      await order({ kind, match: { method: "POST", path: "^.*/exec$", count: 1 } });
      const outcome = await exec({ command: ["sh", "-c", "echo x >>/tmp/count; cat /tmp/count"] });
      expect(outcome).toMatchObject({ type: "ok", value: { stdout: "x\n" } });
    },
  );

  it("error_before at the start: says that it may have run, and nothing else runs", async () => {
    await order({ kind: "error_before", match: { method: "POST", path: "^.*/exec$", count: 1 } });
    expect(await exec({ command: ["touch", "/tmp/never"] })).toMatchObject({ type: "unknown" });
    expect(await shell(target, "ls /tmp/never 2>&1 | wc -l; [ -e /tmp/never ] || echo none")).toContain(
      "none",
    );
  });

  it("comes again where no session could be made, in which nothing has run", async () => {
    await order({ kind: "lost_answer", match: { method: "POST", path: "^.*/process/session$", count: 1 } });
    expect(await exec({ command: ["true"] })).toMatchObject({ type: "retry" });
    expect(await sessions()).toEqual([]);
  });

  it("looks again when a look or the output gets lost", async () => {
    await order({ kind: "lost_answer", match: { method: "GET", path: "^.*/command/[^/]+$", count: 2 } });
    await order({ kind: "error_before", match: { method: "GET", path: "^.*/logs$", count: 2 } });
    expect(await exec({ command: ["echo", "seen"] })).toMatchObject({ value: { stdout: "seen\n" } });
  });

  it("says so when the vendor cannot tell the outputs apart", async () => {
    const old = createDaytonaProvider({
      ...cloud.config,
      fetch: async (input, init) => {
        const response = await fetch(input as string, init as RequestInit);
        if (!String(input).endsWith("/logs")) return response as never;
        const { output } = (await response.json()) as { output: string };
        return new Response(output) as never;
      },
    });
    const request = { command: ["sh", "-c", "echo out; echo err >&2"], timeoutSeconds: 10 };
    expect(await old.exec(target, request)).toEqual({
      type: "ok",
      value: { exitCode: 0, stdout: "out\nerr\n", stderr: "", mixed: true },
    });
  });

  it("repeats nothing of the command in an error", async () => {
    const message = "bad command (exec echo sk-secret-1234)";
    const body = { statusCode: 400, message, path: "/", timestamp: "" };
    await order({
      kind: "error_before",
      status: 400,
      body,
      match: { method: "POST", path: "^.*/exec$", count: 1 },
    });
    const outcome = await exec({ command: ["echo", "sk-secret-1234"] });
    expect(outcome.type).toBe("rejected");
    expect(JSON.stringify(outcome)).not.toContain("sk-secret-1234");
  });
});
