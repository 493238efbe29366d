import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import type { ProvisioningMessage } from "../../../src/instance/job.ts";
import { aCommand, env, stubOf } from "../harness.ts";

async function deliver(queue: string, bodies: unknown[]) {
  const messages = bodies.map((body, index) => ({
    id: `m${index}`,
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch(queue, messages);
  const ctx = createExecutionContext();
  await worker.queue(batch, env);
  return getQueueResult(batch, ctx);
}

const message = (instanceId: string, generation = 1): ProvisioningMessage => ({
  version: 1,
  instanceId,
  generation,
});

/** An instance whose recipe cannot be opened: driving it throws in our own code, again and again. */
async function poisoned(): Promise<string> {
  const command = aCommand({ sealedRecipe: "not.a.sealed.text" });
  await stubOf(command.id).create(command);
  return command.id;
}

describe("the queue consumer", () => {
  it("lets malformed messages go, and tells in the log", async () => {
    const result = await deliver("gentity-fly", [
      { nonsense: true },
      "text",
      { version: 2, instanceId: "cmp1", generation: 1 },
    ]);
    expect(result.explicitAcks).toEqual(["m0", "m1", "m2"]);
    expect(result.retryMessages).toEqual([]);
  });

  it("finds nothing to do for duplicates, strangers and the deleted", async () => {
    const result = await deliver("gentity-fly", [
      message("cmpstranger"),
      message("cmpstranger"),
      message("cmpstranger", 7),
    ]);
    expect(result.explicitAcks).toHaveLength(3);
    expect(await stubOf("cmpstranger").get()).toBeUndefined();
  });
});

describe("the dead letter queue", () => {
  it("turns a message that never worked into a visible error on its instance", async () => {
    const id = await poisoned();
    const result = await deliver("gentity-fly-dead", [message(id)]);
    expect(result.explicitAcks).toEqual(["m0"]);
    expect(await stubOf(id).get()).toMatchObject({
      state: "error",
      problem: { code: "provisioning_failed" },
    });
  });

  it("changes nothing for a job that is over", async () => {
    const id = await poisoned();
    await deliver("gentity-fly-dead", [message(id, 99)]);
    expect((await stubOf(id).get())?.state).toBe("creating");
  });

  it("never turns a delete into an error", async () => {
    const id = await poisoned();
    await stubOf(id).intend("delete", { actor: { type: "system", id: "test" } });
    await deliver("gentity-fly-dead", [message(id, 2)]);
    expect((await stubOf(id).get())?.state).toBe("deleting");
  });
});
