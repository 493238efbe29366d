import { describe, expect, it } from "vitest";
import { classify, classifyAction, type Phase } from "./classify.ts";

const answer = (status: number, code?: string, more: { message?: string; details?: unknown } = {}) => ({
  status,
  body: code === undefined ? undefined : { error: { code, message: "words", details: null, ...more } },
  phase: "write" as Phase,
});

describe("Hetzner's refusals", () => {
  it.each([
    [401, "unauthorized", "unauthorized"],
    [401, "token_readonly", "unauthorized"],
    [403, "forbidden", "unauthorized"],
    [403, "resource_limit_exceeded", "quota"],
    [412, "resource_unavailable", "no_capacity"],
    [422, "resource_unavailable", "no_capacity"],
    [409, "placement_error", "no_capacity"],
    [422, "no_space_left_in_location", "no_capacity"],
    [404, "not_found", "missing"],
    [409, "uniqueness_error", "name_taken"],
    [400, "json_error", "invalid_spec"],
    [422, "invalid_input", "invalid_spec"],
    [422, "invalid_server_type", "invalid_spec"],
    [423, "protected", "invalid_spec"],
    [410, "deprecated_api_endpoint", "unsupported"],
    [422, "unsupported_error", "unsupported"],
    [418, undefined, "invalid_spec"],
  ])("%i %s is %s for good", (status, code, expected) => {
    expect(classify(answer(status, code)).outcome).toMatchObject({ type: "rejected", code: expected });
  });

  it.each([
    [409, "conflict"],
    [409, "something_new"],
    [423, "locked"],
    [423, undefined],
    [422, "resource_in_use"],
    [422, "volume_already_attached"],
    [422, "server_not_stopped"],
    [403, "maintenance"],
    [429, "rate_limit_exceeded"],
  ])("%i %s is for now, with its reason", (status, code) => {
    const { outcome } = classify(answer(status, code));
    expect(outcome).toMatchObject({ type: "retry", cause: expect.stringContaining(String(status)) });
    if (code !== undefined) expect(outcome).toMatchObject({ cause: expect.stringContaining(code) });
  });

  it("tells stock-out from quota, and says what helps", () => {
    const out = classify(answer(412, "resource_unavailable"));
    expect(out).toMatchObject({ kind: "no_room", outcome: { hint: expect.stringContaining("region") } });
    const details = { limits: [{ name: "server_limit" }, {}, null] };
    const quota = classify(answer(403, "resource_limit_exceeded", { details }));
    expect(quota.outcome).toMatchObject({
      message: expect.stringContaining("[server_limit]"),
      hint: expect.stringContaining("limit"),
    });
  });

  it("does not take a path that leads nowhere for something that is gone", () => {
    const nowhere = classify(answer(404, "not_found", { message: "api route not found" }));
    expect(nowhere).toMatchObject({ kind: "other", outcome: { code: "invalid_spec" } });
    expect(classify({ status: 404, body: "<html>", phase: "read" }).kind).toBe("other");
    expect(classify(answer(404, "not_found")).kind).toBe("absent");
  });

  it.each([0, 408, 500, 502, 503, 504])("%i leaves a write unknown and a read to be done again", (status) => {
    expect(classify({ status, body: "gateway", phase: "write" }).outcome.type).toBe("unknown");
    expect(classify({ status, body: "gateway", phase: "read" }).outcome.type).toBe("retry");
  });

  it("stays away for as long as the rate limit says", () => {
    const { outcome } = classify({ ...answer(429, "rate_limit_exceeded"), rateWaitMs: 7_000 });
    expect(outcome).toMatchObject({ type: "retry", afterMs: 7_000 });
  });

  it("repeats no secret, and names the request", () => {
    const echoed = { ...answer(422, "invalid_input", { message: "user_data: top-secret-value" }) };
    const { outcome } = classify({ ...echoed, secrets: ["top-secret-value"], requestId: "abc" });
    expect(JSON.stringify(outcome)).not.toContain("top-secret-value");
    expect(JSON.stringify(outcome)).toContain("correlation id abc");
  });

  it.each([undefined, null, 7, {}, { error: null }, { error: "x" }, { error: { code: 1, details: [] } }])(
    "survives a body like %j",
    (body) => {
      expect(classify({ status: 422, body, phase: "write" }).outcome).toMatchObject({ code: "invalid_spec" });
    },
  );
});

describe("actions that came to nothing", () => {
  it("are read like answers, and otherwise tried again", () => {
    const room = classifyAction("create_server", { code: "resource_unavailable", message: "out of stock" });
    expect(room.outcome).toMatchObject({
      code: "no_capacity",
      message: expect.stringContaining("out of stock"),
    });
    const odd = classifyAction("start_server", { code: "action_failed", message: "it failed" });
    expect(odd.outcome).toMatchObject({ type: "retry", cause: expect.stringContaining("start_server") });
    expect(classifyAction("start_server", null).outcome.type).toBe("retry");
  });
});
