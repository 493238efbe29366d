import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AIDER, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

interface Sent {
  event: string;
  data: any;
}

/** Reads a stream until one of its events is what is waited for, and lets it go. */
async function readUntil(visitor: Visitor, path: string, isLast: (sent: Sent) => boolean): Promise<Sent[]> {
  const answer = await visitor.get(path, { Accept: "text/event-stream" });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const seen: Sent[] = [];
  let text = "";
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks.filter((each) => each.startsWith("event:"))) {
      const [, event = "", data = ""] = /^event: (.*)\ndata: (.*)$/m.exec(block) ?? [];
      seen.push({ event, data: JSON.parse(data) });
    }
    if (done || seen.some(isLast)) {
      await reader.cancel();
      return seen;
    }
  }
}

const markIn = (text: string, id: string) =>
  new RegExp(`data-instance="${id}"[^>]* data-mark="([^"]+)"`).exec(text)?.[1];

describe("what follows the list", () => {
  let tenant: Tenant;
  let visitor: Visitor;
  let ids: string[];
  beforeAll(async () => {
    tenant = await newTenant();
    visitor = await newVisitor(tenant.accountId);
    const made = [0, 1].map(async (at) => {
      const { body } = await tenant.call("POST", "/api/instances?wait=60", {
        ...AIDER,
        name: `number ${at}`,
      });
      return body.id as string;
    });
    ids = await Promise.all(made);
  });
  afterAll(async () => {
    await Promise.all(ids.map((id) => tenant.call("DELETE", `/api/instances/${id}`)));
  });

  it("sends nothing of what the page shows already, and then each change, in one stream", async () => {
    const text = await (await visitor.get("/dashboard")).text();
    const query = ids.map((id) => `${id}.${markIn(text, id)}`).join(",");
    const following = readUntil(
      visitor,
      `/dashboard/instances/live?kind=row&ids=${query}`,
      ({ data }) => data.state === "stopped",
    );
    await visitor.post("/dashboard/act", { id: ids[0] ?? "", action: "stop" });
    const sent = await following;
    expect(new Set(sent.map(({ data }) => data.id))).toEqual(new Set([ids[0]]));
    expect(sent.map(({ data }) => data.state)).toEqual(expect.arrayContaining(["stopping", "stopped"]));
    expect(sent.at(-1)?.data.parts.state).toContain("state-stopped");
    expect(sent.at(-1)?.data.parts.actions).toContain("Start");
    expect(sent.at(-1)?.data.parts.actions).toContain(visitor.formToken);
  });

  it("sends what is new since the page was made", async () => {
    const path = `/dashboard/instances/live?kind=row&ids=${ids.map((id) => `${id}.old`).join(",")}`;
    const sent = await readUntil(visitor, path, ({ data }) => data.id === ids[1]);
    expect(sent.find(({ data }) => data.id === ids[1])?.data).toMatchObject({
      name: "number 1",
      state: "running",
    });
  });

  it("tells another account nothing, and ends", async () => {
    const stranger = await newVisitor((await newTenant()).accountId);
    const sent = await readUntil(
      stranger,
      `/dashboard/instances/live?kind=row&ids=${ids.join(",")}`,
      ({ event }) => event === "end",
    );
    expect(sent.filter(({ event }) => event === "gone")).toHaveLength(2);
    expect(JSON.stringify(sent)).not.toContain("number");
  });

  it.each([
    ["none", ""],
    ["more than a page has", Array.from({ length: 51 }, (_, at) => `cmp0000000000000000${at}`).join(",")],
  ])("follows not %s at once", async (_, list) => {
    expect((await visitor.get(`/dashboard/instances/live?ids=${list}`)).status).toBe(400);
  });

  it("follows a create step by step until it runs", async () => {
    const { body } = await tenant.call("POST", "/api/instances", { ...AIDER, name: "step by step" });
    ids.push(body.id);
    const sent = await readUntil(
      visitor,
      `/dashboard/instances/live?kind=progress&ids=${body.id}.`,
      ({ data }) => data.state === "running",
    );
    const stages = sent.map(
      ({ data }) => /class="doing" aria-current="step"><strong>(\w+)/.exec(data.parts.steps)?.[1],
    );
    const inOrder = ["Network", "Volume", "Machine", "Boot", "Reachable", undefined];
    expect(stages.at(-1)).toBeUndefined();
    expect(new Set(stages).size).toBeGreaterThan(2);
    const places = stages.map((stage) => inOrder.indexOf(stage));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(sent.at(-1)?.data.parts.steps).toContain("It runs.");
  });
});
