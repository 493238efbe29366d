import { describe, expect, it } from "vitest";
import { classify, type VendorAnswer } from "./classify.ts";

const answer = (status: number, code?: number, more: Partial<VendorAnswer> = {}) =>
  classify({
    status,
    errors: code === undefined ? [] : [{ code, message: `code ${code}` }],
    phase: "write",
    ...more,
  });

describe("classify", () => {
  it.each([
    ["a tunnel's name that is taken", 409, 1013, "exists", { type: "rejected", code: "name_taken" }],
    ["a host that has a record", 400, 81053, "exists", { type: "rejected", code: "name_taken" }],
    ["an identical record", 400, 81057, "exists", { type: "rejected", code: "name_taken" }],
    ["live connections", 400, 1022, "connected", { type: "retry" }],
    ["a zone that is full", 400, 81045, "other", { type: "rejected", code: "quota" }],
    ["a record that is not there", 404, 81044, "absent", { type: "rejected", code: "missing" }],
    ["a tunnel that is not there", 404, 1003, "absent", { type: "rejected", code: "missing" }],
    ["an account that is not there", 404, 7003, "other", { type: "rejected", code: "invalid_spec" }],
    ["a wrong token", 403, 10000, "other", { type: "rejected", code: "unauthorized" }],
    ["a token without the right", 403, 9109, "other", { type: "rejected", code: "unauthorized" }],
    ["a malformed token", 400, 6003, "other", { type: "rejected", code: "unauthorized" }],
    ["a race", 409, undefined, "other", { type: "retry" }],
    ["anything else", 400, 1004, "other", { type: "rejected", code: "invalid_spec" }],
  ] as const)("%s", (_, status, code, kind, outcome) => {
    expect(answer(status, code)).toMatchObject({ kind, outcome });
  });

  it("does not know what became of a write that was not answered, and asks a read again", () => {
    for (const status of [0, 408, 500, 502, 524]) {
      expect(answer(status).outcome.type).toBe("unknown");
      expect(answer(status, undefined, { phase: "read" }).outcome.type).toBe("retry");
    }
  });

  it("waits as long as it is told to when it asked too often", () => {
    expect(answer(429, 10100, { retryAfterMs: 7_000 }).outcome).toMatchObject({
      type: "retry",
      afterMs: 7_000,
    });
    expect(answer(429).outcome).toMatchObject({ type: "retry", afterMs: 30_000 });
  });

  it("knows a full account by its words, which have no known code", () => {
    const errors = [{ code: 4242, message: "You have reached the maximum number of tunnels" }];
    expect(answer(403, undefined, { errors }).outcome).toMatchObject({ code: "quota" });
  });

  it("names the request, and no secret", () => {
    const errors = [{ message: "cannot use hunter2hunter2" }];
    const { outcome } = answer(400, undefined, { errors, rayId: "abc-FRA", secrets: ["hunter2hunter2"] });
    expect(outcome).toMatchObject({
      message: "Cloudflare answered 400: cannot use [redacted] (cf-ray abc-FRA)",
    });
  });
});
