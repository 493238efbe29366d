import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LINK_PARAMETER, signLink } from "../../../src/edge/link.ts";
import { type Env, readConfig } from "../../../src/env.ts";
import { env, newTenant, type Tenant } from "../harness.ts";
import { connect, type Isolate, newIsolate, type Placed, place } from "./edge-rig.ts";

const HOUR = 60 * 60_000;

let owner: Tenant;
let open: Placed;
let tokened: Placed;
let signed: Placed;

beforeAll(async () => {
  owner = await newTenant();
  open = await place(owner.accountId);
  tokened = await place(owner.accountId, { access: "token" });
  signed = await place(owner.accountId, { access: "signed" });
});
beforeEach(() => {
  // That something fails is written down; once is enough to read.
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const down = () => Promise.reject(new Error("down"));
const hung = () => new Promise<never>(() => {});

/** Bindings that are well until they are told otherwise; how they fail, and which. */
function failing(): {
  bindings: Partial<Env>;
  fail: (what: "D1" | "objects" | "both", how?: () => Promise<never>) => void;
} {
  const failure: { D1?: () => Promise<never>; objects?: () => Promise<never> } = {};
  const DB = {
    withSession: (constraint: string) => ({
      prepare: (query: string) => ({
        bind: (...values: unknown[]) => ({
          first: () =>
            failure.D1
              ? failure.D1()
              : env.DB.withSession(constraint)
                  .prepare(query)
                  .bind(...values)
                  .first(),
        }),
      }),
    }),
  } as unknown as D1Database;
  const object = new Proxy({}, { get: () => () => failure.objects?.() });
  const INSTANCES = new Proxy(env.INSTANCES, {
    get: (target, name) =>
      failure.objects
        ? () => object
        : (...asked: unknown[]) => Reflect.apply(Reflect.get(target, name) as () => unknown, target, asked),
  });
  return {
    bindings: { DB, INSTANCES },
    fail: (what, how = down) => {
      if (what !== "objects") failure.D1 = how;
      if (what !== "D1") failure.objects = how;
    },
  };
}

const bearer = () => ({ Authorization: `Bearer ${owner.token}` });

async function linkTo({ id, subdomain }: Placed): Promise<string> {
  const times = { now: Date.now(), expiresAt: Date.now() + 2 * HOUR };
  const url = new URL((await signLink(readConfig(env), { instanceId: id, subdomain }, times)) ?? "");
  return `/?${LINK_PARAMETER}=${url.searchParams.get(LINK_PARAMETER)}`;
}

/** One request of each kind; their statuses. */
async function oneOfEach(isolate: Isolate, link: string): Promise<number[]> {
  const { response, socket } = await connect(isolate, open.subdomain, "/ws");
  socket.close();
  const plain = [
    isolate.visit(open.subdomain),
    isolate.visit(open.subdomain, "/", { method: "POST", body: "x" }),
    isolate.visit(tokened.subdomain, "/", { headers: bearer() }),
    isolate.visit(signed.subdomain, link),
  ];
  return [response.status, ...(await Promise.all(plain)).map(({ status }) => status)];
}

const ALL_WELL = [101, 200, 200, 200, 200];

describe.each(["D1", "objects", "both"] as const)("with %s failing", (what) => {
  it("every request of an hour to a route in memory is served, of each access and kind", async () => {
    const { bindings, fail } = failing();
    const isolate = await newIsolate(bindings);
    const link = await linkTo(signed);
    expect(await oneOfEach(isolate, link)).toEqual(ALL_WELL);
    fail(what);
    const start = Date.now();
    for (let minute = 0; minute < 60; minute += 5) {
      // In one go, a second later, when it is looked up in the background, and after the ten seconds.
      for (const ms of [0, 1_000, 6_000, 11_000]) {
        vi.useFakeTimers({ now: start + minute * 60_000 + ms, toFake: ["Date"] });
        expect([minute, ms, await oneOfEach(isolate, link)]).toEqual([minute, ms, ALL_WELL]);
      }
    }
  });

  it("one that was not used for an hour less a second is served", async () => {
    const { bindings, fail } = failing();
    const isolate = await newIsolate(bindings);
    const start = Date.now();
    vi.useFakeTimers({ now: start, toFake: ["Date"] });
    expect((await isolate.visit(open.subdomain)).status).toBe(200);
    fail(what);
    vi.useFakeTimers({ now: start + HOUR - 1_000, toFake: ["Date"] });
    expect((await isolate.visit(open.subdomain)).status).toBe(200);
    vi.useFakeTimers({ now: start + HOUR, toFake: ["Date"] });
    const late = await isolate.visit(open.subdomain);
    expect(late.status).toBe(what === "objects" ? 200 : 503);
  });

  it.each([404, 502, 503])("an agent that answers %i does so, and is served on", async (status) => {
    const { bindings, fail } = failing();
    const isolate = await newIsolate(bindings);
    const { subdomain } = await place(owner.accountId);
    await isolate.visit(subdomain);
    fail(what);
    const start = Date.now();
    for (const ms of [0, 6_000, 12_000, HOUR / 2]) {
      vi.useFakeTimers({ now: start + ms, toFake: ["Date"] });
      const answer = await isolate.visit(subdomain, "/", { headers: { "X-Status": String(status) } });
      // With the objects well, it is theirs to say what a refusal means; this test's have no such instance.
      if (what !== "D1")
        expect([ms, answer.status, (await answer.text()).slice(0, 9)]).toEqual([ms, status, '{"method"']);
      expect([ms, (await isolate.visit(subdomain)).status]).toEqual([ms, 200]);
    }
  });
});

it("records and objects that never answer hold nobody up for ever", async () => {
  const { bindings, fail } = failing();
  const isolate = await newIsolate(bindings);
  expect((await isolate.visit(open.subdomain)).status).toBe(200);
  fail("both", hung);
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
  expect((await isolate.visit(open.subdomain)).status).toBe(200);
  expect((await isolate.visit("ai-unknown0")).status).toBe(503);
});
