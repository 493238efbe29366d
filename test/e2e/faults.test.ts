/** What the vendor does to others, done to the whole stack: nothing is made twice, nothing is left, and what is said is true. */
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AIDER, NOTHING, Stack, until } from "./stack.ts";

const APPS = "^/v1/apps$";
const VOLUMES = "^/v1/apps/[^/]+/volumes$";
const MACHINES = "^/v1/apps/[^/]+/machines$";

let stack: Stack;
/** A command of 32 seconds goes on beside the other tests, on an instance that they leave alone. */
let long: { id: string; ended: ReturnType<Stack["cli"]> };

beforeAll(async () => {
  stack = await Stack.start();
  const { id } = await stack.create();
  const script = "echo begun; sleep 32; echo done; exit 4";
  long = { id, ended: stack.cli(["compute", "exec", id, "--", "sh", "-c", script]) };
});
afterEach(async () => {
  await stack.vendor("DELETE", "/_control/faults");
});
afterAll(() => stack?.close());

const action = (id: string, name: string) =>
  stack.api("POST", `/api/instances/${id}/action`, { action: name });
const struck = async (rule = 0): Promise<number> =>
  (await stack.vendor("GET", "/_control/faults")).body.faults[rule].struck;
const calls = async (method: string, path: RegExp): Promise<string[]> =>
  (await stack.vendor("GET", "/_control/calls")).body.calls
    .filter((call: { method: string; path: string }) => call.method === method && path.test(call.path))
    .map(({ path }: { path: string }) => path);

const ONE = { apps: [expect.any(String)], machines: [expect.any(String)], volumes: [expect.any(String)] };

describe("a vendor without room", () => {
  it.each([
    ["the volume", VOLUMES, "could not find a candidate host"],
    ["the machine", MACHINES, "insufficient"],
  ])(
    "for %s is an error with the vendor's words and what to do, and nothing billed is left",
    async (_, path, words) => {
      await stack.fault({ kind: "capacity", match: { method: "POST", path } });
      const args = ["compute", "create", "--agent", "aider", "--model", "gpt-4o", "--api-key", "sk-test"];
      const created = await stack.cli([...args, "--name", words]);
      expect([created.code, created.stdout]).toEqual([1, ""]);
      expect(created.stderr).toContain(words);
      expect(created.stderr).toMatch(/Next: .*(region|size)/);

      const { body } = await stack.api("GET", "/api/instances?status=error");
      const { id, errorMessage, hint } = body.instances[0];
      expect(errorMessage).toContain(words);
      expect(hint).toMatch(/region|size/);
      await until("the clean-up", async () => (await stack.instance(id)).progress === null);
      expect(await stack.holdings(id)).toEqual(NOTHING);
      const { periods } = (await stack.api("GET", `/api/instances/${id}/periods`)).body;
      expect(periods[0]).toMatchObject({ state: "error", meter: "none", endedAt: null });
      await stack.run(["compute", "delete", id, "--yes"]);
    },
  );
});

describe("a write whose answer does not arrive", () => {
  it.each([
    ["an app", "lost_answer", APPS],
    ["an app", "error_after", APPS],
    ["a volume", "lost_answer", VOLUMES],
    ["a volume", "error_after", VOLUMES],
    ["a machine", "lost_answer", MACHINES],
    ["a machine", "error_after", MACHINES],
  ])("when %s is made (%s) ends with exactly one", async (_, kind, path) => {
    await stack.fault({ kind, match: { method: "POST", path, count: 1 } });
    const { id } = await stack.create();
    expect(await struck()).toBe(1);
    expect(await stack.holdings(id)).toEqual(ONE);
    await stack.run(["compute", "delete", id, "--yes"]);
  });

  it.each(["lost_answer", "error_before"])("when everything is deleted (%s) leaves nothing", async (kind) => {
    const { id } = await stack.create();
    for (const path of [`^/v1/apps/gentity-${id}/`, `^/v1/apps/gentity-${id}$`]) {
      await stack.fault({ kind, match: { method: "DELETE", path, count: 1 } });
    }
    await stack.run(["compute", "delete", id, "--yes"]);
    expect(await stack.holdings(id)).toEqual(NOTHING);
  });
});

describe("a create", () => {
  it("may be deleted in the middle, while the vendor still works on it", async () => {
    await stack.fault({ kind: "latency", ms: 3_000, match: { method: "POST", path: MACHINES, count: 1 } });
    const { body } = await stack.api("POST", "/api/instances", AIDER);
    await until("the machine to be asked for", async () => (await struck()) === 1);
    await stack.run(["compute", "delete", body.id, "--yes"]);
    const asked = new RegExp(`^/v1/apps/gentity-${body.id}/machines$`);
    await until("the late answer", async () => (await calls("POST", asked)).length === 1);
    expect(await stack.holdings(body.id)).toEqual(NOTHING);
    expect((await stack.visit(body.subdomain)).status).toBe(404);
  });

  it("waits out a vendor who says that it is too much", async () => {
    const path = `^/v1/apps(?!/gentity-${long.id})`;
    await stack.fault({ kind: "rate_limit", match: { path, count: 3 } });
    const { id } = await stack.create();
    expect(await struck()).toBe(3);
    expect(await stack.holdings(id)).toEqual(ONE);
    await stack.run(["compute", "delete", id, "--yes"]);
  });

  it("lesson 12: asked for again and again with one Idempotency-Key is one machine", async () => {
    const ask = () =>
      stack.api(
        "POST",
        "/api/instances?wait=30",
        { ...AIDER, labels: { lesson: "12" } },
        { "idempotency-key": "twelve" },
      );
    const answers = await Promise.all([ask(), ask(), ask()]);
    const made = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(made.length).toBeGreaterThan(0);
    for (const { status, body } of refused) {
      expect([status, body.code]).toEqual([409, "idempotency_in_progress"]);
    }
    const again = await ask();
    expect([again.status, again.text]).toEqual([201, made[0]?.text]);
    const { body } = await stack.api("GET", "/api/instances?label=lesson=12");
    expect(body.instances.map(({ id }: { id: string }) => id)).toEqual([again.body.id]);
    expect(await stack.holdings(again.body.id)).toEqual(ONE);
    const other = { ...AIDER, name: "another", labels: { lesson: "12" } };
    const reused = await stack.api("POST", "/api/instances?wait=30", other, { "idempotency-key": "twelve" });
    expect([reused.status, reused.body.code]).toEqual([409, "idempotency_conflict"]);
  });

  it("lesson 12: whose client went away and asks again with the same key is one machine", async () => {
    await stack.fault({ kind: "latency", ms: 2_000, match: { method: "POST", path: MACHINES, count: 1 } });
    const body = { ...AIDER, labels: { lesson: "12b" } };
    const headers = { "idempotency-key": "gone", authorization: `Bearer ${stack.local.token}` };
    const leaving = request(new URL("/api/instances?wait=30", stack.local.apiUrl), {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
    });
    leaving.on("error", () => {});
    leaving.end(JSON.stringify(body));
    await until("the machine to be asked for", async () => (await struck()) === 1);
    leaving.destroy();
    const answer = await until("an answer", async () => {
      const tried = await stack.api("POST", "/api/instances?wait=30", body, headers);
      return tried.body.code !== "idempotency_in_progress" && tried;
    });
    expect(answer.body).toMatchObject({ status: "running" });
    const listed = await stack.api("GET", "/api/instances?label=lesson=12b");
    expect(listed.body.instances.map(({ id }: { id: string }) => id)).toEqual([answer.body.id]);
    expect(await stack.holdings(answer.body.id)).toEqual(ONE);
  });
});

describe("a log that is followed", () => {
  it("from before there is a machine goes on through failures of the vendor until the instance is gone", async () => {
    await stack.fault({ kind: "latency", ms: 1_500, match: { method: "POST", path: APPS, count: 1 } });
    const { body } = await stack.api("POST", "/api/instances", AIDER);
    const following = stack.startCli(["compute", "logs", body.id, "--follow"]);
    await until("the log", () => following.output().includes("listening on port"));
    const path = `/api/v1/apps/gentity-${body.id}/logs`;
    await stack.fault({ kind: "error_before", status: 503, match: { path, count: 3 } });
    await until("the vendor to fail", async () => (await struck(1)) === 3);
    await stack.run(["compute", "restart", body.id]);
    await until("the log to go on", () => following.output().split("listening on port").length > 2);
    // The last look at the vendor's lists is held up, while the log is gone already.
    const lists = "^/v1/orgs/personal/machines";
    await stack.fault({ kind: "latency", ms: 4_000, match: { path: lists, count: 1 } });
    await stack.run(["compute", "delete", body.id, "--yes"]);
    expect([following.output(), await following.ended]).toEqual([
      expect.not.stringContaining("Error"),
      { code: 0, signal: null },
    ]);
  });
});

describe("an instance", () => {
  let id: string;
  let subdomain: string;

  beforeAll(async () => {
    ({ id, subdomain } = await stack.create());
    await stack.exec(id, "echo kept >/workspace/kept; sync");
  });

  it("that is asked for two things at once does one; the other is told what goes on", async () => {
    await stack.fault({
      kind: "latency",
      ms: 1_500,
      match: { method: "POST", path: `/v1/apps/gentity-${id}/machines/` },
    });
    const answers = await Promise.all([action(id, "suspend"), action(id, "stop")]);
    const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
    expect(won).toMatchObject({ status: 200, body: { ok: true } });
    expect(lost).toMatchObject({ status: 409, body: { code: "invalid_state", error: expect.any(String) } });
    expect(["suspending", "stopping"]).toContain(lost?.body.details[0].status);
    expect((await stack.instance(id)).status).toBe(won?.body.status);
    await stack.vendor("DELETE", "/_control/faults");
    await stack.run(["compute", "start", id]);
  });

  it("lesson 4: whose volume has vanished does not start, says so, and gets no empty one in its place", async () => {
    await stack.run(["compute", "stop", id]);
    await stack.vendor("DELETE", "/_control/calls");
    const path = `^/v1/apps/gentity-${id}/volumes`;
    const gone = { error: "Volume does not exist", status: "not_found" };
    await stack.fault({ kind: "error_before", status: 404, body: gone, match: { method: "GET", path } });
    const started = await stack.cli(["compute", "start", id]);
    expect(started.code).toBe(1);
    expect(started.stderr).toMatch(/The volume vol_\w+ is gone/);
    expect(started.stderr).toContain("Nothing was created in its place");
    expect(await stack.instance(id)).toMatchObject({
      status: "error",
      errorMessage: expect.stringContaining("is gone"),
    });
    const page = await stack.visit(subdomain);
    expect([page.status, page.body.error]).toEqual([502, expect.stringContaining("is gone")]);
    expect(await calls("POST", new RegExp(`${id}/(volumes$|machines)`))).toEqual([]);

    await stack.vendor("DELETE", "/_control/faults");
    await stack.run(["compute", "start", id]);
    expect(await stack.exec(id, "cat /workspace/kept")).toBe("kept\n");
  });

  it("lesson 5: whose machine is in a state that nobody knows is an error, and never running", async () => {
    const [machine] = (await stack.holdings(id)).machines;
    await stack.vendor("POST", `/_control/machines/${machine}/state`, { state: "hibernating" });
    await until("the error", async () => {
      await stack.visit(subdomain);
      return (await stack.instance(id)).status === "error";
    });
    const got = await stack.cli(["compute", "get", id]);
    expect(got.stdout).toContain(`The vendor reports a state we do not know: "hibernating"`);
    expect(got.stdout).toContain("may still be billed");
    const { periods } = (await stack.api("GET", `/api/instances/${id}/periods`)).body;
    expect(periods[0]).toMatchObject({ state: "error", meter: "running" });
    await stack.run(["compute", "delete", id, "--yes"]);
    expect(await stack.holdings(id)).toEqual(NOTHING);
  });

  it("whose machine vanished is an error that says so, and can be deleted", async () => {
    const lost = await stack.create();
    const [machine] = (await stack.holdings(lost.id)).machines;
    await stack.vendor("POST", `/_control/machines/${machine}/vanish`);
    await until("the error", async () => {
      await stack.visit(lost.subdomain);
      return (await stack.instance(lost.id)).status === "error";
    });
    expect((await stack.instance(lost.id)).errorMessage).toContain("The machine is gone at the vendor");
    await stack.run(["compute", "delete", lost.id, "--yes"]);
    expect(await stack.holdings(lost.id)).toEqual(NOTHING);
  });
});

describe("a command", () => {
  it("lesson 14: of more than 30 seconds ends as any other", async () => {
    expect(await long.ended).toMatchObject({ code: 4, stdout: "begun\ndone\n", stderr: "" });
  });
});
