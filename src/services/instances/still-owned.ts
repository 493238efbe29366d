import type { InstanceStub } from "../../instance/stub.ts";

/** How long the object is asked to wait for a change of owner, in milliseconds; between two asks whoever asked may be done. */
const HOLD_MS = 20_000;
/** After an ask that failed: the object may have been evicted, and holds nobody's question then. */
const PAUSE_MS = 500;

/** Resolves once an instance is no longer the account's; never, when `ended` comes first. */
export async function untilLost(
  stub: InstanceStub,
  accountId: string,
  ended: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const isTheirs = await stub.isStillOf(accountId, HOLD_MS).catch(async () => {
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
      return true;
    });
    if (!isTheirs) {
      return;
    }
  }
  await new Promise(() => {});
}
