import { AppError } from "../../errors.ts";
import { eventStream } from "../../event-stream.ts";
import type { InstanceNow } from "../../instance/projection.ts";
import { lookOn } from "../../services/instances/look-on.ts";
import { newPages } from "../route.ts";
import { LIVE_PARTS, type LiveKind, renderParts } from "./live-parts.tsx";

/** As many as a page of the list has. */
export const MAX_FOLLOWED = 50;
/**
 * A stream ends by itself after so long, in milliseconds, and the browser opens the next: so that an ended session sees no
 * more, and one invocation does not ask more often than it may.
 */
const STREAM_MS = 4 * 60_000;

/**
 * Several instances as one stream, since a browser opens few to one host: `ids` are theirs, each with the mark of the rendering
 * that the page has. Sends the parts of what has changed since, and ends when all of them are gone.
 */
export const livePage = newPages().get("/dashboard/instances/live", (c) => {
  const { ctx, session } = c.var;
  const kind = c.req.query("kind") ?? "row";
  const followed = parseIds(c.req.query("ids") ?? "");
  if (!isKind(kind) || followed.size === 0 || followed.size > MAX_FOLLOWED) {
    throw new AppError("invalid_request", `One to ${MAX_FOLLOWED} instances can be followed at once.`);
  }
  return eventStream(c, async ({ send, signal }) => {
    const over = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)]);
    const tell = async (id: string, now: InstanceNow | null) => {
      if (now === null) {
        await send({ event: "gone", data: { id } });
        return;
      }
      const { parts, mark } = renderParts(kind, now, session);
      if (mark !== followed.get(id)) {
        followed.set(id, mark);
        const { name, state, progress } = now;
        await send({ event: "parts", data: { id, mark, parts, name, state, progress } });
      }
    };
    await lookOn(ctx, [...followed.keys()], { signal: over, tell });
    if (!over.aborted) {
      await send({ event: "end", data: {} });
    }
  });
});

function isKind(text: string): text is LiveKind {
  return Object.hasOwn(LIVE_PARTS, text);
}

/** `id.mark,id.mark`. */
function parseIds(text: string): Map<string, string> {
  const pairs = text.split(",").map((pair) => pair.split(".", 2));
  return new Map(
    pairs.flatMap(([id = "", mark = ""]) => (/^[a-z0-9]{10,40}$/.test(id) ? [[id, mark] as const] : [])),
  );
}
