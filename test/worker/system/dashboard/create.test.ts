import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AIDER, env, newTenant, operate, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const PATH = "/dashboard/instances/new";
const KEY = "sk-this-is-shown-to-nobody";

const FIELDS = {
  agent: "aider",
  model: "openai:gpt-4o",
  otherModel: "",
  apiKey: KEY,
  place: "fly:iad",
  size: "shared-1-1024",
  volumeGb: "3",
  name: "made by a form",
  labels: "team=blue\nurgent",
  access: "token",
  idleMinutes: "10",
};

const once = () => crypto.randomUUID();

let tenant: Tenant;
let visitor: Visitor;
beforeAll(async () => {
  tenant = await newTenant();
  visitor = await newVisitor(tenant.accountId);
});
afterAll(async () => {
  const { body } = await tenant.call("GET", "/api/instances");
  await Promise.all(
    body.instances.map(({ id }: { id: string }) => tenant.call("DELETE", `/api/instances/${id}`)),
  );
});

const count = async (who: Tenant = tenant) =>
  (await who.call("GET", "/api/instances")).body.instances.length as number;
const idIn = (answer: Response) =>
  /\/dashboard\/instances\/(\w+)$/.exec(answer.headers.get("location") ?? "")?.[1];

describe("the form", () => {
  it("holds everything that can be chosen, with the price of an hour, and begins with what suits the agent", async () => {
    const text = await (await visitor.get(`${PATH}?agent=claude-code`)).text();
    for (const agent of ["openclaw", "hermes", "aider", "claude-code", "browser-use"]) {
      expect(text).toContain(`data-agent="${agent}"`);
    }
    expect(text).toMatch(/value="claude-code"[^>]* checked=""/);
    expect(text).toMatch(/value="anthropic:claude-sonnet-5-5" selected=""/);
    expect(text).toMatch(/<option value="shared-1-2048" selected="">/);
    // Fly's list: 267.5 and 1,930 nano-dollars a second for the CPU and each GB; 57.87 for each GB of volume.
    const hour = ((267_500 + 2 * 1_930_000 + 5 * 57_870) * 3600) / 1e12;
    expect(text).toContain(`Ashburn, VA (iad) · est. $${hour.toFixed(4)} an hour`);
    expect(text).toContain(`est. $${hour.toFixed(4)} an hour while it runs`);
    expect(text).toContain("Falkenstein (fsn1)");
  });

  it("begins with another one's choices, but for its key", async () => {
    const { body } = await tenant.call("POST", "/api/instances", {
      ...AIDER,
      apiKey: KEY,
      labels: { a: "b" },
    });
    const text = await (await visitor.get(`${PATH}?like=${body.id}`)).text();
    expect(text).toMatch(/value="aider"[^>]* checked=""/);
    expect(text).toContain("a=b</textarea>");
    expect(text).not.toContain(KEY);
    const stranger = await newVisitor((await newTenant()).accountId);
    expect((await stranger.get(`${PATH}?like=${body.id}`)).status).toBe(404);
  });
});

describe("sending it", () => {
  it("makes what it says, and leads to its page", async () => {
    const answer = await visitor.post(PATH, { ...FIELDS, once: once() });
    expect(answer.status).toBe(303);
    const { body } = await tenant.call("GET", `/api/instances/${idIn(answer)}`);
    expect(body.instance).toMatchObject({
      name: "made by a form",
      agentType: "aider",
      modelProvider: "openai",
      modelName: "gpt-4o",
      provider: "fly",
      region: "iad",
      spec: { cpuKind: "shared", cpus: 1, memoryMb: 1024, volumeGb: 3 },
      labels: { team: "blue", urgent: "" },
      access: "token",
      idleTimeoutSeconds: 600,
    });
    const event = await env.DB.prepare(
      "SELECT actor FROM audit_events WHERE instance_id = ? AND action = 'instance.create'",
    )
      .bind(idIn(answer))
      .first();
    expect(event).toEqual({ actor: `user:${visitor.personId}` });
  });

  it("takes a model that is not in the list", async () => {
    const answer = await visitor.post(PATH, { ...FIELDS, otherModel: "openrouter/auto", once: once() });
    const { body } = await tenant.call("GET", `/api/instances/${idIn(answer)}`);
    expect(body.instance).toMatchObject({ modelProvider: "openrouter", modelName: "openrouter/auto" });
  });

  it("twice, also at the same time, makes one", async () => {
    const before = await count();
    const form = { ...FIELDS, once: once() };
    const answers = await Promise.all([1, 2, 3].map(() => visitor.post(PATH, form)));
    const later = await visitor.post(PATH, form);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(new Set([...answers, later].map(idIn)).size).toBe(1);
    expect(await count()).toBe(before + 1);
    // Changed after it was sent: it says so, and can be sent as another.
    const changed = await visitor.post(PATH, { ...form, name: "another" });
    expect(changed.status).toBe(409);
    expect(await count()).toBe(before + 1);
  });

  it.each([
    ["agent", { agent: "nobody" }, "There is no agent"],
    ["model", { agent: "claude-code" }, "does not take models of"],
    ["otherModel", { otherModel: "no such name!" }, "may hold letters"],
    ["apiKey", { apiKey: "" }, "The model key is empty"],
    ["apiKey", { apiKey: "with a space" }, "white space"],
    ["place", { place: "" }, "Choose where"],
    ["place", { place: "fly:xyz" }, "There is no region"],
    ["size", { size: "shared-3-1024" }, "cpus must be one of"],
    ["volumeGb", { volumeGb: "0" }, "A whole number of GB"],
    ["labels", { labels: "not a label!" }, "is no label"],
    ["access", { access: "nobody" }, "Choose who"],
    ["idleMinutes", { idleMinutes: "-1" }, "Minutes, up to"],
    ["idleMinutes", { size: "shared-2-4096" }, "Fly suspends machines of up to"],
  ])(
    "with a mistake at %s says so there, keeps the rest, and makes nothing",
    async (field, change, words) => {
      const before = await count();
      const sent = { ...FIELDS, name: "kept as it was", ...change };
      const answer = await visitor.post(PATH, { ...sent, once: once() });
      expect(answer.status).toBe(400);
      const text = await answer.text();
      const at = text.indexOf(`id="${field}-hint"`);
      expect(at).toBeGreaterThan(0);
      expect(text.slice(at, at + 400)).toContain(words);
      expect(text).toContain(`value="kept as it was"`);
      if (sent.apiKey !== "") {
        expect(text).not.toContain(sent.apiKey);
      }
      expect(await count()).toBe(before);
    },
  );

  it("can be mended and sent again", async () => {
    const refused = await visitor.post(PATH, { ...FIELDS, place: "fly:xyz", once: once() });
    const [, fresh = ""] = /name="once" value="([^"]+)"/.exec(await refused.text()) ?? [];
    expect((await visitor.post(PATH, { ...FIELDS, once: fresh })).status).toBe(303);
  });

  it("changes nothing from another site", async () => {
    const before = await count();
    expect((await visitor.post(PATH, FIELDS, { Origin: "https://elsewhere.test" })).status).toBe(403);
    expect(await count()).toBe(before);
  });
});

describe("an account that has no room", () => {
  it("is told before, and when it tries all the same", async () => {
    const small = await newTenant();
    const someone = await newVisitor(small.accountId);
    await operate("PATCH", `/api/admin/accounts/${small.accountId}`, { quota: { instances: 0 } });
    expect(await (await someone.get(PATH)).text()).toContain("The account has 0 of 0 instances.");
    const refused = await someone.post(PATH, { ...FIELDS, once: once() });
    expect(refused.status).toBe(403);
    const text = await refused.text();
    expect(text).toContain("The account has 0 of 0 instances.");
    expect(text).not.toContain(KEY);
  });

  it("is told that its budget is spent", async () => {
    const poor = await newTenant();
    const someone = await newVisitor(poor.accountId);
    await operate("PATCH", `/api/admin/accounts/${poor.accountId}`, {
      budget: { limitMicros: 0, action: "refuse" },
    });
    expect(await (await someone.get(PATH)).text()).toContain("compute budget is spent");
    const refused = await someone.post(PATH, { ...FIELDS, once: once() });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("budget of this month is spent");
  });
});
