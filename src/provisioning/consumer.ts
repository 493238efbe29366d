import { ProvisioningMessage } from "../instance/job.ts";
import type { InstanceStub } from "../instance/stub.ts";
import { describeError, logEvent } from "../log.ts";

export interface ConsumerDeps {
  stub: (instanceId: string) => InstanceStub;
  drive: (stub: InstanceStub) => Promise<void>;
}

/** Messages that no longer parse are recorded and let go: trying again cannot mend them. */
export async function consumeProvisioning(batch: MessageBatch, deps: ConsumerDeps): Promise<void> {
  await Promise.all(batch.messages.map((message) => consumeOne(batch.queue, message, deps)));
}

async function consumeOne(queue: string, message: Message, deps: ConsumerDeps): Promise<void> {
  const parsed = ProvisioningMessage.safeParse(message.body);
  if (!parsed.success) {
    logEvent("queue.malformed", { level: "error", queue, messageId: message.id });
    message.ack();
    return;
  }
  try {
    await deps.drive(deps.stub(parsed.data.instanceId));
    message.ack();
  } catch (error) {
    const { instanceId } = parsed.data;
    logEvent("queue.failed", {
      level: "error",
      queue,
      instanceId,
      attempts: message.attempts,
      cause: describeError(error),
    });
    message.retry();
  }
}

/** What no consumer could finish becomes a visible error on its instance. */
export async function consumeDeadLetters(
  batch: MessageBatch,
  deps: Pick<ConsumerDeps, "stub">,
): Promise<void> {
  for (const message of batch.messages) {
    const parsed = ProvisioningMessage.safeParse(message.body);
    logEvent("queue.dead", {
      level: "error",
      queue: batch.queue,
      messageId: message.id,
      body: parsed.data ?? "malformed",
    });
    if (parsed.success) {
      const { instanceId, generation } = parsed.data;
      await deps.stub(instanceId).abandon(generation, "The work on this instance failed again and again.");
    }
    message.ack();
  }
}
