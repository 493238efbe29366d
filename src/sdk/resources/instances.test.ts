import { afterEach, expect, test } from "vitest";
import { GentityClient } from "../client.ts";
import { ApiError, ConnectionError, NotFoundError } from "../errors.ts";
import { collect } from "../pagination.ts";
import { type Handler, openStream, sendJson, startServer, type TestServer } from "../testing/http-server.ts";

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function serve(handler: Handler): Promise<{ client: GentityClient; requests: TestServer["requests"] }> {
  running = await startServer(handler);
  return { client: new GentityClient({ baseUrl: running.url }), requests: running.requests };
}

const change = (status: string) => ({ status, since: null, reason: null, errorMessage: null, generation: 1 });

test("walks a list page by page, and no further than asked", async () => {
  const pages: Record<string, unknown> = {
    "": { instances: [{ id: "a" }, { id: "b" }], nextCursor: "2" },
    "2": { instances: [{ id: "c" }], nextCursor: null },
  };
  const { client, requests } = await serve((request, response) =>
    sendJson(response, 200, pages[request.query.get("cursor") ?? ""]),
  );
  const all = await collect(client.instances.all({ label: "team=a" }));
  expect(all.map((instance) => instance.id)).toEqual(["a", "b", "c"]);
  expect(requests.map((request) => request.query.toString())).toEqual([
    "label=team%3Da",
    "label=team%3Da&cursor=2",
  ]);
  requests.length = 0;
  expect(await collect(client.instances.all(), 2)).toHaveLength(2);
  expect(requests).toHaveLength(1);
});

test("an id is encoded, whatever it is", async () => {
  const { client, requests } = await serve((_request, response) => sendJson(response, 200, { instance: {} }));
  await client.instances.get("../tokens?x");
  expect(requests[0]?.path).toBe("/api/instances/..%2Ftokens%3Fx");
});

test("a watch goes on after a cut, from the last event it saw, and ends at the end", async () => {
  const { client, requests } = await serve((request, response) => {
    const send = openStream(response);
    response.write("retry: 1\n\n");
    if (request.headers["last-event-id"] === undefined) {
      send("status", change("creating"), "1");
      send("status", change("running"), "2");
      setTimeout(() => response.socket?.destroy(), 20);
      return;
    }
    send("status", change("deleted"), "3");
    send("end", {});
  });
  const seen = await collect(client.instances.watch("cmp1"));
  expect(seen.map((event) => event.status)).toEqual(["creating", "running", "deleted"]);
  expect(requests.map((request) => request.headers["last-event-id"])).toEqual([undefined, "2"]);
});

test("an error inside a stream is thrown as the error it is", async () => {
  const { client } = await serve((_request, response) => {
    openStream(response)("error", { error: "Gone.", code: "not_found", requestId: "req_1" });
  });
  const error = await collect(client.instances.watch("cmp1")).catch((caught) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ message: "Gone.", code: "not_found", requestId: "req_1" });
});

test("a followed log repeats nothing after a cut, and loses no equal lines", async () => {
  const line = (second: number, message: string) => ({
    timestamp: `2026-01-01T00:00:0${second}.000Z`,
    level: "info",
    message,
    instance: "i",
    region: "iad",
  });
  let connections = 0;
  const { client } = await serve((_request, response) => {
    const send = openStream(response);
    response.write("retry: 1\n\n");
    send("message", line(1, "a"));
    send("message", line(2, "b"));
    send("message", line(2, "b"));
    if (connections++ === 0) {
      setTimeout(() => response.socket?.destroy(), 20);
      return;
    }
    send("message", line(2, "b"));
    send("message", line(3, "a"));
    send("end", {});
  });
  const lines = await collect(client.instances.logs.follow("cmp1"));
  expect(lines.map((each) => each.message)).toEqual(["a", "b", "b", "b", "a"]);
});

test("waits by watching, and tells failure from success", async () => {
  const { client } = await serve((request, response) => {
    const send = openStream(response);
    send("status", change("starting"));
    send("status", change(request.path.includes("bad") ? "error" : "running"));
  });
  const seen: string[] = [];
  const onChange = (event: { status: string }) => seen.push(event.status);
  expect(await client.instances.waitFor("good", ["running"], { onChange })).toMatchObject({
    type: "reached",
  });
  expect(seen).toEqual(["starting", "running"]);
  expect(await client.instances.waitFor("bad", ["running"])).toMatchObject({
    type: "failed",
    change: { status: "error" },
  });
});

test("waits by looking where watching is not offered, and takes an absent instance for a deleted one", async () => {
  const statuses = ["deleting", "deleting", "gone"];
  const { client } = await serve((request, response) => {
    const status = request.path.endsWith("/watch") ? "gone" : statuses.shift();
    if (status === "gone") sendJson(response, 404, { error: "No.", code: "not_found" });
    else sendJson(response, 200, { instance: { status, errorMessage: null } });
  });
  const outcome = await client.instances.waitFor("cmp1", ["deleted"], { pollMs: 1 });
  expect(outcome).toMatchObject({ type: "reached", change: { status: "deleted" } });
});

test("stops waiting when the time is up, with what it saw last", async () => {
  const { client } = await serve((_request, response) => {
    openStream(response)("status", change("creating"));
  });
  const outcome = await client.instances.waitFor("cmp1", ["running"], { timeoutMs: 50 });
  expect(outcome).toMatchObject({ type: "timeout", change: { status: "creating" } });
});

test("streams a command's output as bytes, and its exit", async () => {
  const bytes = Buffer.from([0, 255, 13, 10]);
  const exit = { exitCode: 3, signal: null, durationMs: 5, truncated: false, substrate: "fly-machine" };
  const { client, requests } = await serve((_request, response) => {
    const send = openStream(response);
    send("stdout", { data: bytes.toString("base64") });
    send("stderr", { data: Buffer.from("oh").toString("base64") });
    send("exit", exit);
  });
  const stdin = new Uint8Array(100_000).fill(254);
  const events = await collect(client.instances.exec.stream("cmp1", { command: ["cat"], stdin }));
  expect(events).toEqual([
    { type: "stdout", data: new Uint8Array(bytes) },
    { type: "stderr", data: new TextEncoder().encode("oh") },
    { type: "exit", ...exit },
  ]);
  const body = requests[0]?.body as { stdinBase64: string };
  expect(Buffer.from(body.stdinBase64, "base64").equals(Buffer.from(stdin))).toBe(true);
  expect(requests[0]?.headers.accept).toBe("text/event-stream");
});

test("a command whose stream is cut is not taken for finished", async () => {
  const { client } = await serve((_request, response) => {
    openStream(response)("stdout", { data: "" });
    response.end();
  });
  await expect(collect(client.instances.exec.stream("cmp1", { command: "x" }))).rejects.toBeInstanceOf(
    ConnectionError,
  );
});

test("follows a detached command from offset to offset", async () => {
  const parts = [
    { status: "running", stdout: "one ", stderr: "", stdoutOffset: 4, stderrOffset: 0 },
    {
      status: "exited",
      stdout: "two",
      stderr: "!",
      stdoutOffset: 7,
      stderrOffset: 1,
      exitCode: 0,
      signal: null,
    },
  ];
  const { client, requests } = await serve((request, response) =>
    request.method === "POST"
      ? sendJson(response, 202, { execId: "x1" })
      : sendJson(response, 200, parts.shift()),
  );
  const { execId } = await client.instances.exec.start("cmp1", { command: "x" });
  expect(requests[0]?.body).toEqual({ command: "x", detach: true });
  const events = await collect(client.instances.exec.follow("cmp1", execId, { pollMs: 1 }));
  const text = events.map((event) =>
    event.type === "exit" ? event.exitCode : Buffer.from(event.data).toString(),
  );
  expect(text).toEqual(["one ", "two", "!", 0]);
  expect(requests.at(-1)?.query.toString()).toBe("stdoutOffset=4&stderrOffset=0");
});

test("a missing instance is an error to branch on", async () => {
  const { client } = await serve((_request, response) =>
    sendJson(response, 404, { error: "No.", code: "not_found" }),
  );
  await expect(client.instances.get("nope")).rejects.toBeInstanceOf(NotFoundError);
});
