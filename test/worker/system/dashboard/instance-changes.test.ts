import { createExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { currentRelease, findAgent } from "../../../../src/catalog/catalog.ts";
import worker from "../../../../src/index.ts";
import { DATASET, toDataPoint } from "../../../../src/traffic/columns.ts";
import { env, newTenant, operate } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";
import { type Desk, formsOf, newDesk, SECRETS } from "./instance-rig.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await newDesk();
});

const eventsOf = async (id: string) =>
  (await desk.tenant.call("GET", `/api/instances/${id}/events`)).body.events as any[];

describe("what can be changed of an instance", () => {
  it("are its name and labels; saved as they were, nothing is written down", async () => {
    const { id } = await desk.make({ name: "Before", labels: { a: "1" } });
    await desk.send(id, "name", { name: "<After>", labels: "a = 2\r\n\r\nbare" });
    expect(await desk.get(id)).toMatchObject({ name: "<After>", labels: { a: "2", bare: "" } });
    const page = await desk.page(`/dashboard/instances/${id}?done=named`);
    expect(page).toContain("Name and labels were saved.");
    expect(page).toContain("<h1>&lt;After&gt;</h1>");
    const before = (await eventsOf(id)).length;
    await desk.send(id, "name", { name: "<After>", labels: "a=2\nbare=" });
    expect(await eventsOf(id)).toHaveLength(before);
    const refused = await desk.refused(id, "name", { name: " ", labels: "not a key=1" }, 400);
    expect(refused).toContain("It needs a name");
    expect(refused).toContain("One a line, key=value: a key of");
    expect(refused).toMatch(/<textarea[^>]*>\s*not a key=1/);
  });

  it("are its sleep and its schedule", async () => {
    const { id } = await desk.make();
    const fields = { idleMinutes: "90", wakeAt: "2099-01-02T03:04", wakeCron: "0 9 * * 1-5" };
    await desk.send(id, "sleep", fields);
    const changed = { idleTimeoutSeconds: 5400, wakeAt: "2099-01-02T03:04:00.000Z", wakeCron: "0 9 * * 1-5" };
    expect(await desk.get(id)).toMatchObject(changed);
    const page = await desk.page(`/dashboard/instances/${id}`);
    for (const shown of ['value="90"', 'value="2099-01-02T03:04"', 'value="0 9 * * 1-5"', "1 h 30 min"]) {
      expect(page).toContain(shown);
    }
    for (const [field, value, problem] of [
      ["idleMinutes", "soon", "must be minutes"],
      ["wakeAt", "2001-01-01T00:00", "must be in the future"],
      ["wakeCron", "every day", "must be five fields of cron"],
    ] as const) {
      const refused = await desk.refused(id, "sleep", { ...fields, [field]: value }, 400);
      expect(refused).toContain(problem);
      expect(refused).toContain(`value="${value}"`);
    }
    expect(await desk.get(id)).toMatchObject(changed);
    await desk.send(id, "sleep", { idleMinutes: "", wakeAt: "", wakeCron: "" });
    expect(await desk.get(id)).toMatchObject({ idleTimeoutSeconds: null, wakeAt: null, wakeCron: null });
  });
});

describe("a clone", () => {
  it("is made once however often its form is sent, with its source's own key", async () => {
    const { id } = await desk.make({ name: "Source" });
    const page = await desk.page(`/dashboard/instances/${id}`);
    const form = /name="form" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const fields = { form, cloneName: "Second", apiKey: "", copyData: "yes" };
    const led = await desk.send(id, "clone", fields);
    expect(await desk.send(id, "clone", fields)).toBe(led);
    const clone = /instances\/(cmp\w+)\?done=cloned$/.exec(led)?.[1] ?? "";
    expect(await desk.until(clone, "running")).toMatchObject({ name: "Second", modelName: "gpt-4o" });
    expect(await desk.refused(id, "clone", { ...fields, cloneName: "Third" }, 409)).toContain(
      "used with another",
    );
    const own = { ...fields, form: `${form}-2`, apiKey: "short key with spaces" };
    const refused = await desk.refused(id, "clone", own, 400);
    expect(refused).not.toContain(own.apiKey);
    expect(await desk.page(`/dashboard/instances/${clone}/events`)).toContain(`as a clone of ${id}`);
  });

  it("is offered as the way to a release that came after the instance", async () => {
    const { id } = await desk.make();
    const aider = findAgent("aider");
    const shipped = aider && currentRelease(aider);
    const release = `9.9.${Date.now()}`;
    const digest = `sha256:${"cd".repeat(32)}`;
    const body = {
      release,
      image: { ...shipped?.image, digest, verification: undefined },
      recipe: shipped?.recipe,
    };
    const published = await operate("POST", "/api/admin/agents/aider/releases", body);
    expect(published.status, JSON.stringify(published.body)).toBe(201);
    const page = await desk.page(`/dashboard/instances/${id}`);
    expect(page).toContain("<strong>Cloning is the supported upgrade path</strong>");
    expect(page).toMatch(/<details class="fold" id="clone" open/);
    expect(page).toContain(`current is ${release}`);
  });
});

describe("a transfer", () => {
  it("is offered and withdrawn; once accepted the page is the receiver's, and the giver's keys are in neither", async () => {
    const { id, subdomain } = await desk.make();
    const path = `/dashboard/instances/${id}`;
    expect(await desk.page(path)).toContain("The receiver gets the machine, everything on its volume");
    expect(await desk.refused(id, "transfer", { to: "x" }, 400)).toContain("must be an e-mail");
    const own = `${desk.tenant.accountId}@test`;
    expect(await desk.refused(id, "transfer", { to: own }, 400)).toContain("The instance is yours already.");

    const member = await newVisitor(desk.tenant.accountId, "member");
    expect(await (await member.get(path)).text()).toContain(
      "Only owners of the account may give instances away",
    );
    expect((await member.post(`${path}/transfer`, { to: "a@b.example" })).status).toBe(403);

    const receiver = await newTenant();
    const to = `${receiver.accountId}@test`;
    expect(await desk.send(id, "transfer", { to })).toBe(`${path}?done=offered`);
    const offered = await desk.page(path);
    expect(offered).toContain(`On offer to <strong>${to}</strong>`);
    const transfer = /name="transfer" value="([^"]+)"/.exec(offered)?.[1] ?? "";
    await desk.send(id, "withdraw", { transfer });
    expect(await desk.page(path)).not.toContain("On offer to");

    await desk.send(id, "transfer", { to });
    const [open] = (await receiver.call("GET", "/api/transfers")).body.transfers.filter(
      ({ state }: any) => state === "offered",
    );
    expect((await receiver.call("POST", `/api/transfers/${open.id}/accept`, {})).status).toBe(200);
    expect((await desk.visitor.get(path)).status).toBe(404);
    const theirs = await newVisitor(receiver.accountId);
    const page = await (await theirs.get(path)).text();
    expect(page).toContain("took it over");
    expect(page).toContain("has no model key");
    for (const secret of [SECRETS.apiKey, SECRETS.env.OWN_NAME, subdomain, desk.visitor.email]) {
      expect(page).not.toContain(secret);
    }
  });
});

describe("traffic", () => {
  it("is shown by hour where it can be read, and where not, that is said", async () => {
    const { id } = await desk.make();
    const point = {
      at: Date.now(),
      sampleInterval: 1,
      ...toDataPoint({
        instanceId: id,
        accountId: desk.tenant.accountId,
        outcome: "forwarded",
        state: "running",
        method: "GET",
        protocol: "http",
        colo: "-",
        status: 500,
        firstByteMs: 12,
        bytesIn: 0,
        bytesOut: 2500,
      }),
    };
    await fetch(new URL(`/_control/datasets/${DATASET}`, env.CLOUDFLARE_API_URL), {
      method: "POST",
      headers: { Authorization: "Bearer local" },
      body: JSON.stringify([point]),
    });
    const path = `/dashboard/instances/${id}/traffic`;
    expect(await desk.page(path)).toMatch(
      /<td class="number">1<\/td><td class="number">1<\/td><td class="number">2.5 kB<\/td><td class="number">12 ms</,
    );
    const bare = { ...env, CLOUDFLARE_ACCOUNT_ID: undefined } as unknown as typeof env;
    const request = new Request(`http://localhost${path}`, {
      headers: { Cookie: desk.visitor.cookie, Accept: "text/html" },
    }) as Parameters<typeof worker.fetch>[0];
    const answer = await worker.fetch(request, bare, createExecutionContext());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("This deployment cannot read its analytics.");
  });
});

describe("one that failed", () => {
  it("says why and what to do, and offers what is left", async () => {
    const app = `gentity-bodies-${desk.tenant.accountId.replaceAll("_", "-")}`;
    const match = { method: "POST", path: `^/v1/apps/${app}/machines$`, count: 1 };
    await fetch(`${env.FLY_API_URL}/_control/faults`, {
      method: "POST",
      headers: { Authorization: `Bearer ${env.FLY_API_TOKEN}`, "Content-Type": "application/json" },
      body: JSON.stringify({ kind: "capacity", match }),
    });
    const { body } = await desk.tenant.call("PUT", "/api/workspaces/failing/body", {});
    const failed = await desk.until(body.instance.id, "error");
    const page = await desk.page(`/dashboard/instances/${failed.id}`);
    expect(page).toContain('role="alert"');
    expect(page).toContain(failed.hint.replaceAll("'", "&#39;"));
    const forms = formsOf(page, failed.id);
    expect(forms).toContain("delete");
    expect(forms).not.toContain("start");
    const refused = await desk.refused(failed.id, "start", {}, 409);
    expect(refused).toContain("The instance has no machine");
  });
});

describe("a body", () => {
  it("has a page without an address, a clone or a transfer", async () => {
    const { status, body } = await desk.tenant.call("PUT", "/api/workspaces/notes/body", {});
    expect(status).toBe(201);
    const { id } = body.instance ?? body;
    const page = await desk.page(`/dashboard/instances/${id}`);
    expect(page).toContain("Body of workspace");
    const row = await env.DB.prepare("SELECT subdomain FROM instances WHERE id = ?").bind(id).first();
    expect(row).not.toBeNull();
    for (const form of ["rotate-url", "clone", "transfer", "access"]) {
      expect(formsOf(page, id)).not.toContain(form);
    }
    expect((await desk.visitor.get(`/dashboard/instances/${id}/url`)).status).toBe(409);
  });
});
