/**
 * Runs inside a machine. Paths: `/` ok · `/echo` the request as JSON · `/body` the request's body, streamed back ·
 * `/sse` three events · `/slow` chunks until the client leaves · `/status/<n>` · `/exit/<n>` ends the process ·
 * `/ws` a WebSocket that echoes; and those of `answers.ts`, `held.ts` and `sockets.ts`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";
import { answers } from "./answers.ts";
import { held } from "./held.ts";
import { serveSockets } from "./sockets.ts";

const port = Number(process.env.PORT ?? 8080);

function echo(request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, headers, host: hostname(), argv: process.argv.slice(2) }));
}

function events(response: ServerResponse): void {
  response.setHeader("content-type", "text/event-stream");
  response.write("data: 1\n\n");
  let count = 1;
  const timer = setInterval(() => {
    count += 1;
    response.write(`data: ${count}\n\n`);
    if (count === 3) {
      clearInterval(timer);
      response.end();
    }
  }, 50);
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write("drop\n"), 50);
  response.once("close", () => {
    clearInterval(timer);
    process.stdout.write("drip: the client left\n");
  });
}

const server = createServer({ requestTimeout: 0 }, (request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://probe");
  const [, word = "", ...rest] = pathname.split("/");
  if (word === "echo") return echo(request, response);
  if (word === "body") return void request.pipe(response);
  if (word === "sse") return events(response);
  if (word === "slow") return drip(response);
  if (word === "status") return void response.writeHead(Number(rest[0])).end(`status ${rest[0]}`);
  if (word === "exit") {
    response.end("bye");
    response.once("close", () => process.exit(Number(rest[0])));
    return;
  }
  const other = Object.hasOwn(answers, word)
    ? answers[word]
    : Object.hasOwn(held, word)
      ? held[word]
      : undefined;
  if (other) return other(request, response, rest);
  response.end("ok");
});

serveSockets(server);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    process.stdout.write(`probe: ${signal}, leaving\n`);
    process.exit(0);
  });
}
server.listen(port, () => process.stdout.write(`probe: listening on ${port}\n`));
