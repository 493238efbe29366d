import { beforeAll, describe, expect, it } from "vitest";
import { reportActivity } from "../../../src/edge/activity.ts";
import { routeOf } from "../../../src/edge/routes.ts";
import { beginTrace } from "../../../src/edge/trace.ts";
import type { InstanceNow } from "../../../src/instance/projection.ts";
import { env, newTenant, stubOf, type Tenant } from "../harness.ts";
import { letPass } from "../object/driving.ts";
import { makeProbe, type Probe } from "./probe.ts";

const TIMEOUT = 2;
/** A look takes its time, and so does the suspend. */
const PATIENCE = { timeout: 30_000, interval: 200 };

let owner: Tenant;
beforeAll(async () => {
  owner = await newTenant();
});

const makeIdler = () => makeProbe(owner, { idleTimeoutSeconds: TIMEOUT });
const awakeOf = async ({ id }: Probe) =>
  (await owner.call("GET", `/api/instances/${id}`)).body.instance.awake?.reason ?? null;
/** As if the requests that were told of were long over: from here on a stream is known by a look alone. */
const forgetRequests = ({ id }: Probe) => letPass(id, 30);
const looksFor = async (probe: Probe, found: string) => {
  await forgetRequests(probe);
  await expect.poll(() => awakeOf(probe), PATIENCE).toBe(found);
  // Longer than the timeout again: it is looked for again, and again found.
  await letPass(probe.id, TIMEOUT);
  await expect.poll(() => awakeOf(probe), PATIENCE).toBe(found);
  expect(await probe.state()).toBe("running");
};
const sleeps = async (probe: Probe) => {
  await expect.poll(probe.state, PATIENCE).toBe("suspended");
};

describe("lesson 2: an instance with an address that sleeps when idle", () => {
  it("is told of by its requests, and sleeps after the last of them", async () => {
    const probe = await makeIdler();
    expect((await probe.visit("/")).status).toBe(200);
    await expect.poll(() => awakeOf(probe)).toBe("requests arrive");
    await forgetRequests(probe);
    await sleeps(probe);
    const { body } = await owner.call("GET", `/api/instances/${probe.id}/periods`);
    expect(body.periods.find(({ state }: any) => state === "suspending")).toMatchObject({
      reason: `nothing was at work for ${TIMEOUT} s`,
      actor: "system:idle",
    });
  });

  it("tells its object of requests once in half a minute, not of each", async () => {
    const probe = await makeIdler();
    for (let n = 0; n < 5; n++) {
      expect((await probe.visit("/")).status).toBe(200);
    }
    await expect.poll(() => awakeOf(probe)).toBe("requests arrive");
    await stubOf(probe.id).endWork("requests");
    expect((await probe.visit("/")).status).toBe(200);
    expect(await awakeOf(probe)).toBe("idle; the last was: requests arrive");
    await sleeps(probe);
  });

  it("does not sleep over an open WebSocket, although nothing is said on it, and does once it is closed", async () => {
    const probe = await makeIdler();
    const { webSocket } = await probe.visit("/ws", { headers: { Upgrade: "websocket" } });
    webSocket?.accept();
    await looksFor(probe, "1 connection to the agent is open");
    const echoed = new Promise((resolve) =>
      webSocket?.addEventListener("message", ({ data }) => resolve(data), { once: true }),
    );
    webSocket?.send("still here");
    expect(await echoed).toBe("still here");
    webSocket?.close(1000);
    await sleeps(probe);
  });

  it("does not sleep over a request that is still being answered", async () => {
    const probe = await makeIdler();
    const leave = new AbortController();
    const answer = await probe.visit("/slow", { signal: leave.signal });
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await looksFor(probe, "1 connection to the agent is open");
    await reader?.cancel();
    leave.abort();
    await sleeps(probe);
  });

  it("does not sleep over a command, a hold, or what the agent says of itself", async () => {
    const probe = await makeIdler();
    const exec = (command: string, more: object = {}) =>
      owner.call("POST", `/api/instances/${probe.id}/exec`, { command, ...more });
    const { execId } = (await exec("while [ ! -e /tmp/go ]; do sleep 0.1; done", { detach: true })).body;
    await stubOf(probe.id).endWork(execId);
    await looksFor(probe, `the command ${execId} is running`);
    await exec("echo dreaming > /tmp/gentity-busy; touch /tmp/go");
    await looksFor(probe, "the agent says: dreaming");
    const hold = (seconds: number) =>
      owner.call("POST", `/api/instances/${probe.id}/hold`, { seconds, reason: "a demo" });
    await hold(600);
    await exec("rm /tmp/gentity-busy");
    await letPass(probe.id, 300);
    expect([await awakeOf(probe), await probe.state()]).toEqual(["a demo", "running"]);
    await hold(0);
    await sleeps(probe);
  });

  it("is kept awake by nobody who only looks at it: its page in a dashboard, its watch, its logs, our own checks", async () => {
    const probe = await makeIdler();
    const worker = (await import("cloudflare:workers")).exports as unknown as { default: Fetcher };
    const leave = new AbortController();
    const follow = (path: string) =>
      worker.default.fetch(`http://localhost/api/instances/${probe.id}${path}`, {
        headers: { Authorization: `Bearer ${owner.token}`, Accept: "text/event-stream" },
        signal: leave.signal,
      });
    const streams = await Promise.all([follow("/watch"), follow("/logs?follow=1")]);
    const reads = streams.map(async ({ body }) => {
      for await (const _ of body ?? []) {
        // Somebody looks on.
      }
    });
    // A look every fifth of a second, as an open tab has it.
    await sleeps(probe);
    await owner.call("GET", "/api/instances");
    await owner.call("GET", "/api/fleet");
    expect(await probe.state()).toBe("suspended");
    leave.abort();
    await Promise.allSettled(reads);
  });

  it("wakes again where a request went into it as it fell asleep", async () => {
    const probe = await makeIdler();
    const route = routeOf((await stubOf(probe.id).get()) as InstanceNow);
    await sleeps(probe);
    const { exports } = await import("cloudflare:workers");
    const kept: Promise<unknown>[] = [];
    const ctx = { exports, waitUntil: (work: Promise<unknown>) => void kept.push(work) };
    const subdomain = probe.host.split(".")[0] ?? "";
    const request = new Request(`http://${probe.host}/`);
    const clientIp = "192.0.2.9";
    reportActivity(
      { request, env, ctx: ctx as never, subdomain, clientIp, trace: beginTrace(request) },
      route,
    );
    await expect.poll(probe.state, PATIENCE).toBe("running");
    await Promise.all(kept);
  });

  it("wakes for the next request", async () => {
    const probe = await makeIdler();
    await sleeps(probe);
    expect(await (await probe.visit("/echo?awake")).json()).toMatchObject({ url: "/echo?awake" });
    const { results } = await env.DB.prepare(
      "SELECT state, actor FROM periods WHERE instance_id = ? ORDER BY seq DESC LIMIT 2",
    )
      .bind(probe.id)
      .all();
    expect(results).toContainEqual({ state: "running", actor: "system:provisioning" });
  });
});
