import { beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../../src/env.ts";
import { newInstanceId } from "../../../../src/ids.ts";
import { readSse } from "../../../../src/sdk/sse.ts";
import { sealRecipe } from "../../../../src/services/instances/rendering.ts";
import { aCommand, env, newTenant, stubOf, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const ESC = String.fromCharCode(27);
const HOSTILE = `${ESC}]52;c;cm0gLXJmIC8=${String.fromCharCode(7)}${ESC}[31m<script>alert(1)</script>${ESC}[0m<img src=x onerror=alert(2)> "'&`;

let owner: Tenant;
let visitor: Visitor;
let id: string;
let path: string;

/** An instance whose agent logs whatever is written into a pipe. */
async function makeTeller(tenant: Tenant): Promise<string> {
  const made = newInstanceId();
  const recipe = {
    image: "somebody/teller:1",
    entrypoint: [],
    command: ["sh", "-c", "rm -f /tmp/say; mkfifo /tmp/say; while :; do cat /tmp/say; done"],
    dataPath: "/data",
    env: {},
    files: [],
  };
  const inputs = { apiKey: null, env: {}, secret: "s", edition: null };
  const sealed = await sealRecipe(readConfig(env), made, { recipe, inputs });
  await stubOf(made).create(aCommand({ id: made, accountId: tenant.accountId, ...sealed, service: {} }));
  expect(await stubOf(made).settled(60_000)).toMatchObject({ state: "running" });
  return made;
}

async function say(...lines: string[]): Promise<void> {
  const { body } = await owner.call("POST", `/api/instances/${id}/exec`, {
    command: "cat > /tmp/say",
    stdin: `${lines.join("\n")}\n`,
  });
  expect(body).toMatchObject({ exitCode: 0 });
}

const logged = async (text: string) => {
  for (let turn = 0; turn < 100; turn++) {
    const { body } = await owner.call("GET", `/api/instances/${id}/logs`);
    if (body.logs.some(({ message }: { message: string }) => message.includes(text))) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never logged: ${text}`);
};

/** The events of the stream, one after the other. */
async function follow(query = "", headers: Record<string, string> = {}) {
  const answer = await visitor.get(`${path}/logs/stream${query}`, {
    Accept: "text/event-stream",
    ...headers,
  });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const events = readSse(answer.body as ReadableStream<Uint8Array>);
  const next = async () => {
    const { value } = await events.next();
    return { event: value?.event, id: value?.lastEventId, data: JSON.parse(value?.data ?? "null") };
  };
  return { next, stop: () => events.return() };
}

beforeAll(async () => {
  owner = await newTenant();
  visitor = await newVisitor(owner.accountId);
  id = await makeTeller(owner);
  path = `/dashboard/instances/${id}`;
  await say("first line", HOSTILE, "last line");
  await logged("last line");
});

describe("the log's page", () => {
  it("shows the last lines as text, whatever they hold", async () => {
    const answer = await visitor.get(`${path}/logs`);
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("first line");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;");
    expect(page).not.toContain("<script>");
    expect(page).not.toContain("<img");
    expect(page).not.toContain(ESC);
    expect(page).not.toContain("cm0gLXJmIC8=");
    expect(page).not.toMatch(/<style|style=/);
  });

  it("is filtered by text and by level, and keeps what was asked for", async () => {
    const filtered = await (await visitor.get(`${path}/logs?text=FIRST&level=info&lines=500`)).text();
    expect(filtered).toContain("first line");
    expect(filtered).not.toContain("last line");
    expect(filtered).toContain('value="FIRST"');
    expect(filtered).toMatch(/<option value="500" selected/);
    const none = await (await visitor.get(`${path}/logs?level=error`)).text();
    expect(none).toContain("No line passes the filter.");
    const typed = await visitor.get(
      `${path}/logs?level=loud&lines=-3&text=${encodeURIComponent('"><script>')}`,
    );
    expect(typed.status).toBe(200);
    expect(await typed.text()).not.toContain('"><script>');
  });

  it("gives a file of plain text to keep", async () => {
    const answer = await visitor.get(`${path}/logs/text?text=line`);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toContain("attachment");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const lines = (await answer.text()).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}first line$/);
    const whole = await (await visitor.get(`${path}/logs/text`)).text();
    expect(whole).toContain("<script>");
    expect(whole).not.toContain(ESC);
  });
});

describe("following", () => {
  it("goes on where the page ends, and where a broken connection ended", async () => {
    const page = await (await visitor.get(`${path}/logs`)).text();
    const after = /data-after="(\d+)"/.exec(page)?.[1];
    const first = await follow(`?after=${after}`);
    const begin = await first.next();
    expect(begin).toMatchObject({ event: "begin", data: { gap: false } });
    // Those of the last moments, which the page knows.
    expect(begin.data.lines.at(-1)).toMatchObject({ text: "last line", level: "info" });
    await say("while following", HOSTILE);
    const lines = await first.next();
    expect(lines.event).toBe("lines");
    expect(lines.data.lines[0].text).toBe("while following");
    expect(JSON.stringify(lines.data)).not.toContain("u001b");
    expect(Number(lines.id)).toBeGreaterThanOrEqual(Number(after));
    await first.stop();
    await say("meanwhile");
    await logged("meanwhile");
    const second = await follow(`?after=${after}`, { "Last-Event-ID": lines.id ?? "" });
    const again = await second.next();
    expect(again.data.gap).toBe(false);
    const texts = again.data.lines.map(({ text }: { text: string }) => text);
    expect(texts).toContain("meanwhile");
    await second.stop();
  });

  it("says when it does not reach back to where the reader was", async () => {
    const { next, stop } = await follow("?after=1000");
    expect((await next()).data).toMatchObject({ gap: true });
    await stop();
  });

  it("ends with the instance", async () => {
    const { next } = await follow();
    expect((await next()).event).toBe("begin");
    expect((await owner.call("DELETE", `/api/instances/${id}`)).status).toBe(200);
    let last = await next();
    while (last.event === "lines") {
      last = await next();
    }
    expect(last.event).toBe("end");
    expect((await visitor.get(`${path}/logs`)).status).toBe(404);
  });
});
