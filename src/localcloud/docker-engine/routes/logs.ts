import type { LogEntry, LogQuery } from "../container-log.ts";
import { frame, MULTIPLEXED } from "../frames.ts";
import { badRequest } from "../refusal.ts";
import { flag, type Route } from "./route.ts";

/** Seconds, with a fraction to the nanosecond. */
function timeOf(text: string | null): bigint | undefined {
  if (text === null || text === "" || text === "0") return undefined;
  const [, seconds = "", fraction = ""] = text.match(/^(\d+)(?:\.(\d{1,9}))?$/) ?? [];
  if (seconds === "") throw badRequest(`invalid value for "since" or "until": ${text}`);
  return BigInt(seconds + fraction.padEnd(9, "0"));
}

function timestamp(at: string): string {
  const [seconds, nanoseconds] = [at.slice(0, -9), at.slice(-9)];
  return new Date(Number(seconds) * 1000).toISOString().replace("000Z", `${nanoseconds}Z`);
}

function queryOf(query: URLSearchParams): LogQuery {
  const tail = query.get("tail") ?? "all";
  const wanted = {
    stdout: flag(query, "stdout"),
    stderr: flag(query, "stderr"),
    since: timeOf(query.get("since")),
    until: timeOf(query.get("until")),
    tail: /^\d+$/.test(tail) ? Number(tail) : undefined,
  };
  if (!wanted.stdout && !wanted.stderr) throw badRequest("you must choose at least one stream");
  return wanted;
}

function bytesOf({ at, stream, text }: LogEntry, hasTime: boolean): Buffer {
  const time = hasTime ? `${timestamp(at)} ` : "";
  return frame(stream, Buffer.from(time + text));
}

export const logRoutes: readonly Route[] = [
  {
    method: "GET",
    path: /^\/containers\/([^/]+)\/logs$/,
    run: ({ engine, id, query, response }) => {
      const container = engine.find(id);
      const wanted = queryOf(query);
      const hasTime = flag(query, "timestamps");
      response.writeHead(200, { "content-type": MULTIPLEXED });
      response.flushHeaders();
      for (const entry of container.log.read(wanted)) response.write(bytesOf(entry, hasTime));
      if (!flag(query, "follow") || !container.isRunning) {
        response.end();
        return;
      }
      const endings = [
        container.log.follow(wanted, (entry) => response.write(bytesOf(entry, hasTime))),
        container.onExit(() => response.end()),
      ];
      response.once("close", () => {
        for (const end of endings) end();
      });
    },
  },
];
