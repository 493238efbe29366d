import { describe, expect, it } from "vitest";
import { scrub } from "../http.ts";
import { classify, parseRetryAfter, type VendorAnswer } from "./classify.ts";

const envelope = (statusCode: number, message: unknown) => ({
  path: "/api/sandbox",
  timestamp: "2026-09-01T00:00:00.000Z",
  statusCode,
  error: "Error",
  message,
});
const write = (status: number, message: unknown, more: Partial<VendorAnswer> = {}) =>
  classify({ status, body: envelope(status, message), phase: "write", ...more });

describe("refusals", () => {
  it.each([
    [400, "No available runners", "no_capacity"],
    [400, "CPU request 8 exceeds maximum allowed per sandbox (4).\nNeed higher", "invalid_spec"],
    [403, "Memory request 16GB exceeds maximum allowed per sandbox (8GB).", "invalid_spec"],
    [400, "Total CPU limit exceeded. Maximum allowed: 10.\nTo increase", "quota"],
    [403, "Total disk limit exceeded. Maximum allowed: 30GiB.", "quota"],
    [403, "Organization is suspended: Payment method required", "quota"],
    [402, "Payment required", "quota"],
    [401, "Invalid credentials", "unauthorized"],
    [403, "Forbidden resource", "unauthorized"],
    [403, "Region iad is not available to the organization", "invalid_spec"],
    [400, "failed to get runner info: no IP address found. Is the Sandbox started?", "not_running"],
    [400, "Pausing is not supported for sandbox class container", "unsupported"],
    [400, ["cpu must be an integer number", "disk must be positive"], "invalid_spec"],
  ])("%s %s is %s", (status, message, code) => {
    expect(write(status, message).outcome).toMatchObject({ type: "rejected", code });
  });

  it("say all of what was wrong with a request", () => {
    expect(write(400, ["a is missing", "b is odd"]).outcome).toMatchObject({
      message: "Daytona answered 400: a is missing; b is odd",
    });
  });
});

describe("what passes by itself", () => {
  it.each([
    [409, "Sandbox state change in progress"],
    [409, "Sandbox was modified by another operation"],
    [400, "Sandbox is not in valid state"],
    [429, "ThrottlerException: Too Many Requests"],
  ])("%s %s", (status, message) => {
    expect(write(status, message).outcome).toMatchObject({ type: "retry" });
  });

  it("comes when the vendor says, under whatever throttler", () => {
    expect(parseRetryAfter([["Retry-After-sandbox-create", "7"]])).toBe(7_000);
    expect(
      parseRetryAfter([
        ["retry-after", "2"],
        ["retry-after-authenticated", "5"],
      ]),
    ).toBe(5_000);
    expect(parseRetryAfter([["x-ratelimit-reset-authenticated", "5"]])).toBeUndefined();
    expect(write(429, "", { retryAfterMs: 7_000 }).outcome).toMatchObject({ afterMs: 7_000 });
  });
});

describe("a name that is taken", () => {
  it("is told from a sandbox that is on its way", () => {
    expect(write(409, "Sandbox with name gentity-x already exists").kind).toBe("exists");
    expect(write(409, "Sandbox state change in progress").kind).toBe("other");
  });
});

describe("something missing (lesson 9)", () => {
  it("is a sandbox only if the vendor says so", () => {
    expect(write(404, "Sandbox with ID or name gentity-x not found").kind).toBe("absent");
    expect(write(404, "Sandbox not found").kind).toBe("absent");
  });

  it("is something in a sandbox if the vendor says something else", () => {
    expect(write(404, "session not found").kind).toBe("inner_absent");
    expect(write(410, "session has ended").kind).toBe("inner_absent");
  });

  it.each([
    ["a route that is none", envelope(404, "Cannot GET /v2/sandbox/x")],
    ["somebody else's page", "<html>404 sandbox not found</html>"],
    ["nothing", undefined],
  ])("is nothing to be believed from %s", (_, body) => {
    const { kind, outcome } = classify({ status: 404, body, phase: "read" });
    expect([kind, outcome.type]).toEqual(["other", "retry"]);
    expect(outcome).toMatchObject({ cause: expect.stringContaining("DAYTONA_API_URL") });
  });
});

describe("no answer", () => {
  it.each([0, 500, 502, 504, 408])("%s is unknown after a write and harmless after a read", (status) => {
    expect(write(status, "x").outcome.type).toBe("unknown");
    expect(classify({ status, body: "x", phase: "read" }).outcome.type).toBe("retry");
  });
});

describe("what is told", () => {
  it("holds no secret and no novel", () => {
    const secrets = ["sk-secret-1234", "sk-secret-12345678"];
    const told = scrub("bad sk-secret-12345678, Bearer abc.def, dtn_0123abc", secrets);
    expect(told).toBe("bad [redacted], [redacted] [redacted]");
    expect(scrub("x".repeat(1_000)).length).toBeLessThan(310);
  });
});
