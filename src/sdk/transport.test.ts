import { afterEach, expect, test } from "vitest";
import { ApiError, ConnectionError, NotFoundError, RateLimitError, retryAfterSeconds } from "./errors.ts";
import { type Handler, sendJson, startServer, type TestServer } from "./testing/http-server.ts";
import { Transport } from "./transport.ts";

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function serve(handler: Handler): Promise<TestServer> {
  running = await startServer(handler);
  return running;
}

function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

test("sends the token, the client's name and the query, and leaves out what is undefined", async () => {
  const { url, requests } = await serve((_request, response) => sendJson(response, 200, { ok: true }));
  const transport = new Transport({ baseUrl: `${url}///`, token: "gn_live_x", userAgent: "test/1" });
  const query = { lines: 5, cursor: undefined, label: ["a=1", "b=2"] };
  expect(await transport.json({ method: "GET", path: "/api/x", query })).toEqual({ ok: true });
  const [seen] = requests;
  expect(seen?.path).toBe("/api/x");
  expect(seen?.query.toString()).toBe("lines=5&label=a%3D1&label=b%3D2");
  expect(seen?.headers).toMatchObject({ authorization: "Bearer gn_live_x", "user-agent": "test/1" });
  expect(seen?.headers["idempotency-key"]).toBeUndefined();
});

test("tries a POST again with the same idempotency key, and another POST with another", async () => {
  let answers = 0;
  const { url, requests } = await serve((_request, response) => {
    if (answers++ === 0) response.socket?.destroy();
    else if (answers === 2) sendJson(response, 503, {}, { "retry-after": "0" });
    else sendJson(response, 200, { n: answers });
  });
  const transport = new Transport({ baseUrl: url });
  const call = { method: "POST", path: "/api/x", body: { a: 1 } };
  expect(await transport.json(call)).toEqual({ n: 3 });
  await transport.json(call);
  const keys = requests.map((request) => request.headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]]);
  expect(keys[3]).not.toBe(keys[0]);
  expect(requests.map((request) => request.body)).toEqual(Array(4).fill({ a: 1 }));
});

test("waits for a first try that is still at work", async () => {
  let answers = 0;
  const { url } = await serve((_request, response) => {
    if (answers++ === 0) sendJson(response, 409, { error: "at it", code: "idempotency_in_progress" });
    else sendJson(response, 200, { ok: true });
  });
  const transport = new Transport({ baseUrl: url, maxRetries: 0 });
  expect(await transport.json({ method: "POST", path: "/api/x" })).toEqual({ ok: true });
});

test("an error has everything the server said", async () => {
  const body = { error: "No.", code: "not_found", requestId: "req_1", hint: "Look.", details: [{ id: 1 }] };
  const { url } = await serve((_request, response) => sendJson(response, 404, body));
  const error = await failureOf(new Transport({ baseUrl: url }).json({ method: "GET", path: "/api/x" }));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error).toMatchObject({
    message: "No.",
    status: 404,
    code: "not_found",
    requestId: "req_1",
    hint: "Look.",
    details: [{ id: 1 }],
  });
});

test("an answer that is not ours still makes an error with its status and request id", async () => {
  const { url } = await serve((_request, response) => {
    response
      .writeHead(502, { "content-type": "text/html", "x-request-id": "req_2" })
      .end("<h1>Bad gateway</h1>");
  });
  const error = await failureOf(new Transport({ baseUrl: url }).json({ method: "GET", path: "/" }));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 502, code: "http_502", requestId: "req_2" });
});

test("a page where JSON was expected is an error that names the server", async () => {
  const { url } = await serve((_request, response) => void response.end("<html>"));
  await expect(new Transport({ baseUrl: url }).json({ method: "GET", path: "/" })).rejects.toThrow(url);
});

test("a rate limit that lasts too long to wait for reaches the caller at once", async () => {
  const { url, requests } = await serve((_request, response) =>
    sendJson(response, 429, { error: "Slow down.", code: "rate_limited" }, { "retry-after": "120" }),
  );
  const error = await failureOf(new Transport({ baseUrl: url }).json({ method: "GET", path: "/" }));
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ retryAfterSeconds: 120 });
  expect(requests).toHaveLength(1);
});

test("a refused connection is told from a timeout", async () => {
  const { url, close } = await serve(() => {});
  const timedOut = await failureOf(
    new Transport({ baseUrl: url, timeoutMs: 20 }).json({ method: "GET", path: "/" }),
  );
  expect(timedOut).toBeInstanceOf(ConnectionError);
  expect(timedOut).toMatchObject({ code: "timeout" });
  await close();
  running = undefined;
  const refused = await failureOf(
    new Transport({ baseUrl: url, maxRetries: 1 }).json({ method: "GET", path: "/" }),
  );
  expect(refused).toBeInstanceOf(ConnectionError);
  expect(refused).toMatchObject({ status: 0, code: "ECONNREFUSED" });
});

test("a caller's abort is neither retried nor disguised", async () => {
  const { url, requests } = await serve(() => {});
  const controller = new AbortController();
  const call = new Transport({ baseUrl: url }).json(
    { method: "GET", path: "/" },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await expect(call).rejects.toThrow("enough");
  expect(requests.length).toBeLessThanOrEqual(1);
});

test("a path cannot name another host", async () => {
  const transport = new Transport({ baseUrl: "http://127.0.0.1:1", token: "secret", maxRetries: 0 });
  await expect(transport.json({ method: "GET", path: "@evil.example/" })).rejects.toThrow(TypeError);
  const error = await failureOf(transport.json({ method: "GET", path: "//evil.example/" }));
  expect(error).toMatchObject({ url: "http://127.0.0.1:1//evil.example/" });
});

test.each([
  ["3", 3],
  ["Thu, 01 Jan 1970 00:00:10 GMT", 10],
  ["Thu, 01 Jan 1969 00:00:10 GMT", 0],
  ["soon", null],
  ["", null],
  [null, null],
])("Retry-After %j is %j seconds", (header, expected) => {
  expect(retryAfterSeconds(header, 0)).toBe(expected);
});
