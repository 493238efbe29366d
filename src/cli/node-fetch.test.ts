import { afterEach, expect, test } from "vitest";
import { sendJson, startServer, type TestServer } from "../sdk/testing/http-server.ts";
import { nodeFetch } from "./node-fetch.ts";

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

test("sends and answers as fetch does", async () => {
  running = await startServer((request, response) =>
    sendJson(response, 201, { got: request.body }, { "x-request-id": "req_1" }),
  );
  const response = await nodeFetch(`${running.url}/api/x?y=1`, {
    method: "POST",
    headers: { authorization: "Bearer x", "content-type": "application/json" },
    body: JSON.stringify({ é: 1 }),
  });
  expect(response.status).toBe(201);
  expect(response.headers.get("x-request-id")).toBe("req_1");
  expect(response.url).toBe(`${running.url}/api/x?y=1`);
  expect(await response.json()).toEqual({ got: { é: 1 } });
  expect(running.requests[0]?.headers.authorization).toBe("Bearer x");
});

test("an answer without a body is one", async () => {
  running = await startServer((_request, response) => void response.writeHead(204).end());
  expect(await (await nodeFetch(running.url)).text()).toBe("");
});

test("a failure carries the system's code, as fetch's does", async () => {
  running = await startServer(() => {});
  const { url } = running;
  await running.close();
  running = undefined;
  await expect(nodeFetch(url)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
});

test("an abort ends the request, before the answer and in the middle of it", async () => {
  running = await startServer((request, response) => {
    if (request.path === "/stream") response.write("first");
  });
  const waiting = new AbortController();
  const refused = nodeFetch(running.url, { signal: waiting.signal });
  waiting.abort();
  await expect(refused).rejects.toThrow();
  const streaming = new AbortController();
  const response = await nodeFetch(`${running.url}/stream`, { signal: streaming.signal });
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
  streaming.abort();
  await expect(reader?.read()).rejects.toThrow();
});

test("a stream that is left closes its connection", async () => {
  let closed: (() => void) | undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  running = await startServer((_request, response) => {
    response.once("close", () => closed?.());
    response.write("first");
  });
  const response = await nodeFetch(running.url);
  await response.body?.cancel();
  await isClosed;
});
