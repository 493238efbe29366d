import { z } from "@hono/zod-openapi";
import { AppError, errorBody } from "../../errors.ts";
import { type LogReader, openLogs } from "../../services/instances/logs.ts";
import { endpoint, IdParam, newRouter } from "../route.ts";
import { eventStream } from "../sse.ts";

const LogLineSchema = z
  .object({
    timestamp: z.string(),
    level: z.string(),
    message: z.string(),
    instance: z.string().openapi({ description: "The vendor's machine id." }),
    region: z.string(),
  })
  .openapi("LogLine");

/** A quiet log is asked again this often, in milliseconds. */
const POLL_MS = 1_000;
/** A quiet log of a deleted instance looks like any other, so it is asked now and then. */
const OVER_CHECK_TURNS = 5;
/** In a row; then whoever follows is told. */
const MAX_FAILURES = 10;

const route = endpoint({
  route: {
    method: "get",
    path: "/instances/{id}/logs",
    operationId: "readLogs",
    summary: "Read or follow an instance's log",
    tags: ["instances"],
    request: {
      params: IdParam,
      query: z.object({
        lines: z.coerce.number().int().min(1).max(1000).default(200),
        follow: z.enum(["0", "1"]).default("0"),
      }),
    },
    responses: {
      200: {
        description:
          "The last lines; with `follow=1` server-sent events, one line per `data:`, until `event: end`.",
        content: {
          "application/json": { schema: z.object({ logs: z.array(LogLineSchema) }) },
          "text/event-stream": { schema: z.string() },
        },
      },
    },
  },
  errors: [
    "invalid_request",
    "not_found",
    "ambiguous",
    "not_configured",
    "vendor_failed",
    "vendor_unavailable",
  ],
});

export const readLogsRoute = newRouter().openapi(route, async (c) => {
  const { lines, follow } = c.req.valid("query");
  const reader = await openLogs(c.var.ctx, c.req.valid("param").id);
  const logs = (await reader.read()).slice(-lines);
  if (follow === "0") {
    return c.json({ logs }, 200);
  }
  return eventStream(c, async ({ send, sleep, signal }) => {
    try {
      const isOpen = () => !signal.aborted;
      await followLogs({ first: logs, reader, isOpen, write: (line) => send({ data: line }), sleep });
      await send({ event: "end", data: {} });
    } catch (error) {
      const known = error instanceof AppError ? error : new AppError("internal", "The log broke off.");
      await send({ event: "error", data: errorBody(known, c.var.requestId) });
    }
  });
});

interface Following {
  first: unknown[];
  reader: LogReader;
  isOpen: () => boolean;
  write: (line: unknown) => Promise<void>;
  sleep: (ms: number) => Promise<unknown>;
}

/** Ends when the reader goes away, or the instance does. */
async function followLogs({ first, reader, isOpen, write, sleep }: Following): Promise<void> {
  let lines = first;
  let failures = 0;
  for (let turn = 1; isOpen(); turn++) {
    for (const line of lines) {
      await write(line);
    }
    await sleep(POLL_MS);
    if (turn % OVER_CHECK_TURNS === 0 && (await reader.isOver())) {
      return;
    }
    try {
      lines = isOpen() ? await reader.read() : [];
      failures = 0;
    } catch (error) {
      lines = [];
      failures += 1;
      if (!(await isPassing(error, failures, reader))) {
        throw error;
      }
    }
  }
}

/** A vendor that does not answer now and then is asked again; one that lost the log in the middle of a delete is no failure. */
async function isPassing(error: unknown, failures: number, reader: LogReader): Promise<boolean> {
  const mayRecover = error instanceof AppError && error.code === "vendor_unavailable";
  return (mayRecover && failures < MAX_FAILURES) || reader.isEnding();
}
