import { AppError, errorBody } from "../../../errors.ts";
import { eventStream } from "../../../event-stream.ts";
import { followLogs } from "../../../services/instances/follow-logs.ts";
import { openLogs } from "../../../services/instances/logs.ts";
import { newPages } from "../../route.ts";
import { shorten, since, toShownLine, toTextLine } from "./log-lines.ts";
import { LogQuery } from "./logs.tsx";
import { passes, type ShownLine } from "./shown-line.ts";

/**
 * A stream is ended after so long, in milliseconds, and the browser comes back by itself: so a session that has ended, or
 * a person who is no longer a member, follows no longer than that.
 */
const STREAM_MS = 5 * 60_000;
/** Of what is there already, no more than this is sent. */
const FIRST_LINES = 1_000;

const PATH = "/dashboard/instances/:id/logs";

/** What follows the page's lines: `begin`, then `lines` as they come, until `end`. Each carries the last line's time as its id. */
const streamPage = newPages().get(`${PATH}/stream`, async (c) => {
  const reader = await openLogs(c.var.ctx, c.req.param("id"));
  const first = await reader.read();
  const after = Number(c.req.header("Last-Event-ID") ?? c.req.query("after")) || undefined;
  const begin = since(first.map(toShownLine), after);
  const until = Date.now() + STREAM_MS;
  return eventStream(c, async ({ send, sleep, signal }) => {
    let last = after ?? 0;
    const tell = (event: string, lines: ShownLine[], more = {}) => {
      last = Math.max(last, ...lines.map(({ at }) => at));
      return send({ id: String(last), event, data: { ...more, lines: lines.map(shorten) } });
    };
    try {
      const { gap } = begin;
      await tell("begin", begin.lines.slice(-FIRST_LINES), {
        gap: gap || begin.lines.length > FIRST_LINES,
      });
      const isOpen = () => !signal.aborted && Date.now() < until;
      for await (const lines of followLogs(reader, { first: [], isOpen, sleep })) {
        await tell("lines", lines.map(toShownLine));
      }
      if (Date.now() < until) {
        await send({ event: "end", data: {} });
      }
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError("internal", "The log broke off.");
      await send({ event: "problem", data: errorBody(known, c.var.requestId) });
    }
  });
});

/** Everything that the vendor still has and that passes the filter, as a file. */
const textPage = newPages().get(`${PATH}/text`, async (c) => {
  const reader = await openLogs(c.var.ctx, c.req.param("id"));
  const query = LogQuery.parse(c.req.query());
  const lines = (await reader.read()).map(toShownLine).filter((line) => passes(line, query));
  return c.body(lines.map(toTextLine).join(""), 200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Disposition": 'attachment; filename="instance.log"',
  });
});

export const logStreamPages = newPages().route("/", streamPage).route("/", textPage);
