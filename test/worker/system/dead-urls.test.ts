import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AIDER, env, newTenant, type Tenant } from "../harness.ts";
import { type Isolate, newIsolate } from "./edge-rig.ts";

let owner: Tenant;
let receiver: Tenant;
/** Three that have the route in memory and ask no more, and one that goes on asking. */
let isolates: Isolate[];

beforeAll(async () => {
  [owner, receiver] = [await newTenant(), await newTenant()];
  isolates = [];
  for (let count = 0; count < 4; count++) isolates.push(await newIsolate({ FLY_APP_URL: env.FLY_APP_URL }));
});
afterEach(() => {
  vi.useRealTimers();
});

async function create(over: object = {}): Promise<{ id: string; subdomain: string }> {
  const { body } = await owner.call("POST", "/api/instances?wait=60", { ...AIDER, ...over });
  expect(body).toMatchObject({ status: "running" });
  return body;
}

const statuses = (subdomain: string, headers: Record<string, string> = {}, asked = isolates) =>
  Promise.all(asked.map(async ({ visit }) => (await visit(subdomain, "/", { headers })).status));

/** What each isolate answers ten seconds after it had the route in memory; one of them asked all the time. */
async function tenSecondsLater(subdomain: string, headers?: Record<string, string>): Promise<number[]> {
  const start = Date.now();
  for (const seconds of [4, 6, 8]) {
    vi.useFakeTimers({ now: start + seconds * 1000, toFake: ["Date"] });
    await statuses(subdomain, headers, isolates.slice(3));
  }
  vi.useFakeTimers({ now: start + 10_000, toFake: ["Date"] });
  const later = await statuses(subdomain, headers);
  vi.useRealTimers();
  return later;
}

const DEAD = [404, 404, 404, 404];
const ALIVE = [200, 200, 200, 200];

describe("in every isolate that had it in memory, ten seconds later nothing is at the address of an instance", () => {
  it("that was rotated, and the new one is", async () => {
    const { id, subdomain } = await create();
    expect(await statuses(subdomain)).toEqual(ALIVE);
    const { body } = await owner.call("POST", `/api/instances/${id}/rotate-url`);
    expect(await tenSecondsLater(subdomain)).toEqual(DEAD);
    expect(await statuses(body.instance.subdomain)).toEqual(ALIVE);
    await owner.call("DELETE", `/api/instances/${id}`);
    expect(await tenSecondsLater(body.instance.subdomain)).toEqual(DEAD);
  });

  it("that was transferred; the giver's token opens it nowhere, the receiver's does", async () => {
    const { id, subdomain } = await create({ access: "token" });
    const bearer = (tenant: Tenant) => ({ Authorization: `Bearer ${tenant.token}` });
    expect(await statuses(subdomain, bearer(owner))).toEqual(ALIVE);
    const offer = await owner.call("POST", `/api/instances/${id}/transfer`, { to: receiver.accountId });
    const { body } = await receiver.call("POST", `/api/transfers/${offer.body.transfer.id}/accept`, {});
    expect(body.instance).toMatchObject({ access: "token" });
    const moved = body.instance.subdomain;
    expect(await tenSecondsLater(subdomain, bearer(owner))).toEqual(DEAD);
    for (;;) {
      const { instance } = (await receiver.call("GET", `/api/instances/${id}`)).body;
      if (instance.status === "running") break;
      expect(["stopping", "starting", "stopped"]).toContain(instance.status);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(await statuses(moved, bearer(receiver))).toEqual(ALIVE);
    expect(await statuses(moved, bearer(owner))).toEqual([401, 401, 401, 401]);
    await receiver.call("DELETE", `/api/instances/${id}`);
  });

  it("whose access was changed, for who has the address alone", async () => {
    const { id, subdomain } = await create();
    expect(await statuses(subdomain)).toEqual(ALIVE);
    const { body } = await owner.call("PATCH", `/api/instances/${id}`, { access: "signed" });
    expect(body.instance).toMatchObject({ access: "signed" });
    expect(await tenSecondsLater(subdomain)).toEqual([401, 401, 401, 401]);
    const link = await owner.call("POST", `/api/instances/${id}/links`, { expiresInSeconds: 600 });
    expect(link.status).toBe(201);
    expect(Date.parse(link.body.expiresAt) - Date.now()).toBeGreaterThan(590_000);
    const { pathname, search } = new URL(link.body.url);
    const open = async (name: string) => (await isolates[0]?.visit(name, pathname + search))?.status;
    expect(await open(subdomain)).toBe(200);
    const moved = (await owner.call("POST", `/api/instances/${id}/rotate-url`)).body.instance.subdomain;
    expect(await open(moved)).toBe(401);
    const { events } = (await owner.call("GET", `/api/instances/${id}/events`)).body;
    const made = events.find(({ action }: { action: string }) => action === "instance.link");
    expect(made).toMatchObject({
      actor: `token:${owner.tokenId}`,
      detail: { expiresAt: link.body.expiresAt },
    });
    expect(JSON.stringify(events)).not.toContain("gentity_link");
    await owner.call("DELETE", `/api/instances/${id}`);
  });
});
