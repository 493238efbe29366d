import { expect, test } from "vitest";
import { ApiError, ConnectionError, NotFoundError, RateLimitError } from "../sdk/index.ts";
import { CancelledError, CliError, failureOf } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";

const api = (status: number, code: string) => new ApiError("No.", { status, code });

test.each([
  ["401", api(401, "unauthorized"), EXIT.unauthorized],
  ["403", api(403, "forbidden"), EXIT.unauthorized],
  ["404", new NotFoundError("No.", { status: 404, code: "not_found" }), EXIT.notFound],
  ["409", api(409, "invalid_state"), EXIT.conflict],
  ["400", api(400, "invalid_request"), EXIT.failure],
  ["500", api(500, "internal"), EXIT.failure],
  ["a not_found inside a stream", api(500, "not_found"), EXIT.notFound],
  ["no connection", new ConnectionError("No.", { code: "ECONNREFUSED", url: "http://x" }), EXIT.unreachable],
  ["a mistake of the person's", new CliError("No.", { exitCode: EXIT.usage }), EXIT.usage],
  ["a cancellation", new CancelledError(), EXIT.cancelled],
  ["a bug", new TypeError("x is undefined"), EXIT.failure],
  ["something thrown that is no error", "oops", EXIT.failure],
])("%s has its exit code", (_name, error, exitCode) => {
  expect(failureOf(error).exitCode).toBe(exitCode);
});

test.each([
  ["http://localhost:8787/api", "npm start"],
  ["http://gentity.localhost:8787/api", "npm start"],
  ["http://127.0.0.1:8787/api", "npm start"],
  ["https://gentity.ai/api", "Check your network"],
])("says what to do when %s is out of reach", (url, step) => {
  const error = new ConnectionError("No.", { code: "ECONNREFUSED", url });
  expect(failureOf(error).next.join()).toContain(step);
});

test("the server's hint goes before our own", () => {
  const error = new ApiError("No.", { status: 404, code: "not_found", hint: "Look there." });
  expect(failureOf(error).next).toEqual(["Look there."]);
});

test("a rate limit says when to come back", () => {
  const fields = { status: 429, code: "rate_limited", retryAfterSeconds: 40.2 };
  expect(failureOf(new RateLimitError("No.", fields)).next).toEqual(["Try again in 41 s."]);
});
