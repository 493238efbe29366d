import { describe, expect, it } from "vitest";
import { parseRetryAfter, scrub } from "../http.ts";
import { classify, type VendorAnswer } from "./classify.ts";

const write = (status: number, body: unknown, more: Partial<VendorAnswer> = {}) =>
  classify({ status, body, phase: "write", ...more });
const read = (status: number, body: unknown) => classify({ status, body, phase: "read" });

describe("capacity", () => {
  it.each([
    [
      "in the region, by its label",
      422,
      { error: "could not find a candidate host", status: "insufficient_capacity" },
      /region/,
    ],
    ["in the region, by its text", 422, { error: "could not find a candidate host" }, /region/],
    [
      "at the volume's host",
      412,
      {
        error: "insufficient resources to create new machine with existing volume id 'vol_x'",
        status: "volume_placement_capacity",
      },
      /host/,
    ],
    [
      "of CPUs",
      409,
      {
        error:
          "aborted: could not reserve resource for machine: insufficient CPUs available to fulfill request",
      },
      /host/,
    ],
    [
      "of memory here",
      409,
      {
        error:
          "aborted: could not reserve resource for machine: insufficient memory available to fulfill request on the current host",
      },
      /host/,
    ],
    ["of addresses", 409, { error: "aborted: insufficient IPs available" }, /host/],
    [
      "of resources",
      409,
      { error: "aborted: insufficient resources available to fulfill request: x" },
      /host/,
    ],
    ["of anything", 409, { error: "aborted: no capacity" }, /region/],
  ])("%s", (_, status, body, hint) => {
    const { outcome } = write(status, body);
    expect(outcome).toMatchObject({ type: "rejected", code: "no_capacity" });
    expect(outcome.type === "rejected" && outcome.hint).toMatch(hint);
  });

  it("is not what a concurrent update is about", () => {
    const { outcome } = write(409, { error: "aborted: machine update failed due to concurrent update" });
    expect(outcome.type).toBe("retry");
  });

  it("is not what a taken machine name is about, which tells who has it", () => {
    const error =
      'already_exists: unique machine name violation, machine ID 784ed0a4 already exists with name "gentity-abc"';
    expect(write(409, { error })).toMatchObject({ kind: "exists", machineId: "784ed0a4" });
  });
});

describe("refusals", () => {
  it.each([
    [401, { error: "Authenticate: token validation error" }, "unauthorized", "other"],
    [403, { error: "forbidden" }, "unauthorized", "forbidden"],
    [404, { error: "not found" }, "missing", "absent"],
    [400, { error: "invalid_argument: bad guest" }, "invalid_spec", "other"],
    [402, { error: "payment required" }, "quota", "other"],
    [
      422,
      { error: "Validation failed: Name has already been taken", status: "name_taken" },
      "name_taken",
      "taken",
    ],
    [422, { error: "uniqueness constraint violated" }, "name_taken", "taken"],
    [409, { error: "Name has already been taken" }, "name_taken", "taken"],
    [422, { error: "organization has reached its machine limit: limit reached" }, "quota", "other"],
    [422, { error: "invalid region" }, "invalid_spec", "other"],
  ])("%i %j is %s", (status, body, code, kind) => {
    expect(write(status, body)).toMatchObject({ kind, outcome: { type: "rejected", code } });
  });
});

describe("what may be tried again", () => {
  it("waits while somebody holds the lease", () => {
    const error = "machine ID 1 lease currently held by somebody@x, expires at 2026-11-20T00:00:00Z";
    expect(write(409, { error }).outcome).toMatchObject({ type: "retry" });
  });

  it("takes a failed precondition for a retry that keeps its reason (lesson 11)", () => {
    const error = "failed_precondition: unable to start machine from current state: 'replacing'";
    const { outcome } = write(412, { error });
    expect(outcome).toMatchObject({ type: "retry", cause: expect.stringContaining("'replacing'") });
  });

  it.each([
    "failed_precondition: volume is currently bound to machine: 1",
    "failed_precondition: volume already claimed by machine 1",
  ])("waits out: %s (lesson 6)", (error) => {
    expect(write(412, { error }).outcome.type).toBe("retry");
  });

  it("waits as long as a rate limit says", () => {
    const { outcome } = write(429, { error: "rate limit exceeded" }, { retryAfterMs: 4_000 });
    expect(outcome).toMatchObject({ type: "retry", afterMs: 4_000 });
  });
});

describe("what nobody knows", () => {
  it.each([0, 500, 502, 503, 504])("%i after a write may have taken effect", (status) => {
    expect(write(status, "boom").outcome.type).toBe("unknown");
  });

  it.each([0, 500, 503, 408])("%i of a read is read again", (status) => {
    expect(read(status, "boom").outcome.type).toBe("retry");
  });

  it("does not take a deadline of exec for a command that did not run (lesson 14)", () => {
    const failure = write(408, { error: "deadline_exceeded" }, { operation: "exec" });
    expect(failure).toMatchObject({ kind: "deadline", outcome: { type: "unknown" } });
  });
});

describe("calls with refusals of their own", () => {
  it("says that nothing runs in a machine that is not started", () => {
    const { outcome } = write(
      412,
      { error: "failed_precondition: machine not started" },
      { operation: "exec" },
    );
    expect(outcome).toMatchObject({ type: "rejected", code: "not_running" });
  });

  it("knows a machine that can never be suspended from one that cannot now", () => {
    const never = write(412, { error: "machines with swap cannot be suspended" }, { operation: "suspend" });
    expect(never.outcome).toMatchObject({ type: "rejected", code: "unsupported" });
    const later = write(
      412,
      { error: "failed_precondition: machine is 'starting'" },
      { operation: "suspend" },
    );
    expect(later.outcome.type).toBe("retry");
  });
});

describe("texts", () => {
  it("name the vendor's request, so that its support can find it", () => {
    const { outcome } = write(500, { error: "internal" }, { requestId: "01ABC" });
    expect(outcome).toEqual({ type: "unknown", cause: "Fly answered 500: internal (fly-request-id 01ABC)" });
  });

  it("never repeat a secret, a token or a novel", () => {
    const text = scrub(`bad env sk-ant-123456 with Bearer FlyV1 fm2_abc and ${"x".repeat(999)}`, [
      "sk-ant-123456",
      "1",
    ]);
    expect(text).not.toMatch(/sk-ant|fm2_/);
    expect(text.length).toBeLessThan(320);
  });

  it("take the longest secret first, so that a part of it does not keep the rest", () => {
    expect(scrub("key abcdefgh-ijklmnop", ["abcdefgh", "abcdefgh-ijklmnop"])).toBe("key [redacted]");
  });
});

it("reads Retry-After in both of its forms", () => {
  expect(parseRetryAfter("3", 0)).toBe(3_000);
  expect(parseRetryAfter("Thu, 01 Jan 1970 00:00:05 GMT", 1_000)).toBe(4_000);
  expect(parseRetryAfter("soon", 0)).toBeUndefined();
  expect(parseRetryAfter(null, 0)).toBeUndefined();
});
