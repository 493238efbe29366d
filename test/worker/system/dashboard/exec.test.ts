import { beforeAll, describe, expect, it } from "vitest";
import { readSse } from "../../../../src/sdk/sse.ts";
import { AIDER, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";
import { orderFault } from "../probe.ts";

let owner: Tenant;
let visitor: Visitor;
let id: string;
let path: string;
let made = 0;

beforeAll(async () => {
  owner = await newTenant();
  visitor = await newVisitor(owner.accountId);
  const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
  expect(body).toMatchObject({ status: "running" });
  id = body.id;
  path = `/dashboard/instances/${id}/exec`;
});

const fieldsOf = (over: Record<string, string> = {}) => ({
  command: "true",
  cwd: "",
  timeoutSeconds: "20",
  stdin: "",
  nonce: `nonce${Date.now()}${made++}`,
  ...over,
});
const run = async (over: Record<string, string> = {}, headers = {}) => {
  const answer = await visitor.post(path, fieldsOf(over), headers);
  return { status: answer.status, page: await answer.text() };
};
const outputOf = (page: string, name: string) =>
  new RegExp(`<pre id="exec-${name}">([^]*?)</pre>`).exec(page)?.[1];
const stream = async (over: Record<string, string> = {}) => {
  const answer = await visitor.post(path, fieldsOf(over), { Accept: "text/event-stream" });
  const events: { event: string; data: any }[] = [];
  for await (const { event, data } of readSse(answer.body as ReadableStream<Uint8Array>)) {
    events.push({ event, data: JSON.parse(data) });
  }
  return events;
};
const textOf = (events: { event: string; data: any }[], name: string) =>
  events.map(({ event, data }) => (event === name ? data.text : "")).join("");
const act = (action: string) => owner.call("POST", `/api/instances/${id}/action`, { action });
const audited = async () => {
  const { body } = await owner.call("GET", `/api/instances/${id}/events`);
  return body.events.filter(({ action }: { action: string }) => action === "instance.exec");
};

describe("a command without JavaScript", () => {
  it("is answered by a page: both outputs apart, exit code, duration and substrate", async () => {
    const { status, page } = await run({
      command: "pwd; cat\r\necho oops >&2\r\nexit 3",
      cwd: "/tmp",
      stdin: "a\r\nb",
    });
    expect(status).toBe(200);
    expect(outputOf(page, "stdout")).toBe("/tmp\na\nb");
    expect(outputOf(page, "stderr")).toBe("oops\n");
    expect(page).toContain("Exit code 3");
    expect(page).toMatch(/\d\.\d\d s · on fly-machine/);
    expect(page).toContain("cat\necho oops &gt;&amp;2");
    // What it read is not written into a page.
    expect(page).not.toMatch(/<textarea id="stdin"[^>]*>a/);
  });

  it("says which signal ended it, and what its time limit did", async () => {
    const killed = await run({ command: "kill -9 $$" });
    expect(killed.page).toContain("Ended by SIGKILL (exit code 137)");
    const late = await run({ command: "echo begun; sleep 30", timeoutSeconds: "1" });
    expect(late.page).toContain("Killed at its time limit");
    expect(outputOf(late.page, "stdout")).toBe("begun\n");
  });

  it("shows hostile output as text", async () => {
    const { page } = await run({
      command: `printf '\\033]52;c;QQ==\\007\\033[31m</pre><script>alert(1)</script>\\033[0m'`,
    });
    expect(outputOf(page, "stdout")).toBe("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).not.toContain("<script>");
  });

  it("says that an output was cut", async () => {
    const { page } = await run({ command: "head -c 1200000 /dev/zero | tr '\\0' x" });
    expect(page).toContain("truncated");
    expect(outputOf(page, "stdout")?.length).toBe(1024 * 1024);
  });

  it("runs once when its page is loaded again, and again when it is another", async () => {
    const fields = fieldsOf({ command: "echo x >> /tmp/count; wc -l < /tmp/count" });
    const count = async (over = {}) => outputOf((await run({ ...fields, ...over })).page, "stdout")?.trim();
    expect(await count()).toBe("1");
    expect(await count()).toBe("1");
    expect(await count({ command: `${fields.command} ` })).toBe("2");
  });

  it("is asked for again where something is wrong, with what was typed", async () => {
    const { status, page } = await run({ command: " ", timeoutSeconds: "soon", cwd: "/srv<x>" });
    expect(status).toBe(400);
    expect(page).toContain("say what to run");
    expect(page).toContain("must be a number of seconds");
    expect(page).toContain('value="/srv&lt;x&gt;"');
  });

  it("is kept nowhere but in the audit, by its first 200 characters, with who it was", async () => {
    const command = `: ${"x".repeat(300)}`;
    await run({ command, stdin: "its-input" });
    await expect.poll(async () => (await audited())[0]?.detail.command).toBe(command.slice(0, 200));
    const [event] = await audited();
    expect(event.actor).toBe(`user:${visitor.personId}`);
    expect(JSON.stringify(await audited())).not.toContain("its-input");
  });
});

describe("a command with JavaScript", () => {
  it("streams as it comes, as plain text, and says how it ended", async () => {
    const events = await stream({
      command:
        "printf 'h\\303'; sleep 0.5; printf '\\251\\033[3'; sleep 0.5; printf '1mred'; echo e >&2; exit 4",
    });
    expect(events[0]).toEqual({ event: "begin", data: { readiness: { type: "runs" } } });
    expect(events[1]).toEqual({ event: "running", data: { substrate: "fly-machine" } });
    expect(textOf(events, "stdout")).toBe("héred");
    expect(textOf(events, "stderr")).toBe("e\n");
    expect(events.at(-1)).toMatchObject({ event: "exit", data: { ending: "Exit code 4" } });
    expect(events.at(-1)?.data.facts).toContain("on fly-machine");
  });

  it("is told what is wrong", async () => {
    const events = await stream({ command: "" });
    expect(events).toEqual([{ event: "mistakes", data: { mistakes: { command: "say what to run" } } }]);
  });
});

describe("an instance that does not run", () => {
  it("is woken, and says so", async () => {
    expect((await act("suspend")).status).toBe(200);
    expect(await (await visitor.get(path)).text()).toContain("It sleeps. This wakes it");
    const { page } = await run({ command: "echo awake" });
    expect(outputOf(page, "stdout")).toBe("awake\n");
    expect(page).toContain("it was woken for this");
    expect(page).toMatch(/state-running/);
    expect((await act("suspend")).status).toBe(200);
    const events = await stream({ command: "echo awake" });
    expect(events[0]?.data.readiness.type).toBe("wakes");
    expect(events.at(-1)?.data.facts).toContain("it was woken for this");
  });

  it("runs nothing for whoever went away while it woke", async () => {
    expect((await act("suspend")).status).toBe(200);
    const match = { method: "POST", path: "^/v1/apps/[^/]+/machines/[^/]+/start$", count: 1 };
    const undo = await orderFault({ kind: "latency", ms: 1_500, match });
    const answer = await visitor.post(path, fieldsOf({ command: "echo x > /tmp/ran" }), {
      Accept: "text/event-stream",
    });
    const events = readSse(answer.body as ReadableStream<Uint8Array>);
    expect((await events.next()).value?.event).toBe("begin");
    await events.return();
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await undo();
    const { page } = await run({ command: "cat /tmp/ran" });
    expect(page).toContain("Exit code 1");
  });

  it("is not started where somebody stopped it", async () => {
    expect((await act("stop")).status).toBe(200);
    const before = await (await visitor.get(path)).text();
    expect(before).toMatch(/<button type="submit" class="main" disabled/);
    const { status, page } = await run({ command: "echo typed", stdin: "kept" });
    expect(status).toBe(409);
    expect(page).toContain("commands run only in a running one");
    expect(page).toContain("Start it");
    expect(page).toContain("echo typed");
    expect(page).toMatch(/<textarea id="stdin"[^>]*>\s*kept/);
    const events = await stream({});
    expect(events.at(-1)).toMatchObject({ event: "problem", data: { code: "invalid_state" } });
  });
});
