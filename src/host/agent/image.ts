import { type Engine, unlessGone } from "../../docker-engine-client/engine.ts";
import { type PullEvent, PullProgress } from "../../docker-engine-client/pull-progress.ts";
import { parseReference } from "../../docker-engine-client/reference.ts";

/** A registry that says nothing for so long is not there. */
const SILENCE_MS = 60_000;
const TELL_EVERY_MS = 3_000;

/** Gets the image where it is not there yet. A pinned one that is there is never asked for again. */
export async function ensureImage(engine: Engine, ref: string, tell: (note: string) => void): Promise<void> {
  if (await unlessGone(engine.call("GET", `/images/${ref}/json`))) return;
  const { repository, tag = "latest", digest } = parseReference(ref);
  const progress = new PullProgress();
  tell(`pulling ${ref}`);
  let toldAt = Date.now();
  const query = { fromImage: repository, tag: digest ?? tag };
  const events = engine.follow<PullEvent>("POST", "/images/create", { query, silenceMs: SILENCE_MS });
  for await (const event of events) {
    if (event.error) throw new Error(`cannot pull ${ref}: ${event.error}`);
    progress.add(event);
    if (Date.now() - toldAt > TELL_EVERY_MS) {
      toldAt = Date.now();
      tell(`pulling ${ref}: ${progress.summary()}`);
    }
  }
}
