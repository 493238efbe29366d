/** Sleeping and waking through the whole stack: an instance whose URL, command line and schedule wake it. */
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Stack, until } from "./stack.ts";

let stack: Stack;
let id: string;
let subdomain: string;
beforeAll(async () => {
  stack = await Stack.start();
  ({ id, subdomain } = await stack.create());
});
afterAll(() => stack?.close());

const suspend = () => stack.run(["compute", "suspend", id]);
const update = (...options: string[]) => stack.run(["compute", "update", id, ...options]);

describe("a suspended instance", () => {
  it("is woken by a request, whose answer is the agent's, and by the edge it is told of", async () => {
    await suspend();
    const answer = await stack.visit(subdomain);
    expect([answer.status, answer.text.includes("Aider")]).toEqual([200, true]);
    const { body } = await stack.api("GET", `/api/instances/${id}/events?limit=20`);
    const wakes = body.events.filter(({ action }: { action: string }) => action === "instance.resume");
    expect(wakes.map(({ actor }: { actor: string }) => actor)).toEqual(["edge:request"]);
  });

  it("is woken by a WebSocket, does not sleep while that is open, although silent, and does after it", async () => {
    await suspend();
    const socket = new WebSocket(`ws://127.0.0.1:${stack.port}/terminal`, {
      headers: { host: `${subdomain}.gentity.localhost:${stack.port}` },
    });
    await once(socket, "open");
    expect((await stack.instance(id)).status).toBe("running");
    await update("--idle", "1");
    await until("a look into the machine", async () => {
      const { awake } = await stack.instance(id);
      return awake?.reason === "1 connection to the agent is open";
    });
    socket.close();
    await stack.reach(id, "suspended");
  });

  it("is woken by its schedule, from the command line", async () => {
    await update("--idle", "never", "--wake-at", new Date(Date.now() + 1_500).toISOString());
    await stack.reach(id, "running");
    expect(await stack.run(["compute", "events", id])).toContain("system:schedule");
    await update("--wake-cron", "0 9 * * 1-5");
    expect(await stack.run(["compute", "get", id])).toContain("0 9 * * 1-5 (cron, UTC)");
  });
});
