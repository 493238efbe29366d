/**
 * Runs inside workerd, as the dataset's binding: the runtime's own drops what is written. Rows go to the local cloud beside the
 * request that wrote them, many at once where there are many, and are lost where they cannot be delivered: nothing waits.
 */
// @ts-expect-error: the runtime describes it to nobody.
import runtime from "cloudflare-internal:workers";

interface Env {
  options: { url: string; token: string };
}

const PATIENCE_MS = 5_000;
const ROWS_PER_CALL = 500;
/** Of rows that wait: the oldest are given up first. */
const ROWS_KEPT = 10_000;

const waiting: object[] = [];
/** When the last call began, while there may be one under way. A request that ends early takes its call with it. */
let callingSince = 0;

export default function dataset({ options }: Env) {
  return {
    writeDataPoint(point: object): void {
      waiting.push({ at: Date.now(), ...point });
      if (waiting.length > ROWS_KEPT) waiting.shift();
      if (Date.now() - callingSince > PATIENCE_MS) runtime.waitUntil(deliver(options));
    },
  };
}

async function deliver({ url, token }: Env["options"]): Promise<void> {
  const begun = Date.now();
  try {
    while (waiting.length > 0 && Date.now() - begun < PATIENCE_MS) {
      callingSince = Date.now();
      const body = JSON.stringify(waiting.splice(0, ROWS_PER_CALL));
      await (
        await fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}` }, body })
      ).text();
    }
  } catch {
    // The local cloud is gone or not there yet: so are the rows.
  } finally {
    callingSince = 0;
  }
}
