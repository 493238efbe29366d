import { describe, expect, it } from "vitest";
import { exactVersion, parseReference } from "../../docker-engine-client/reference.ts";
import { findKnownAgent } from "./known-agents.ts";
import { npmReason } from "./npm-run.ts";

describe("image references", () => {
  it.each([
    ["node", { repository: "node" }],
    ["node:24", { repository: "node", tag: "24" }],
    ["localhost:5000/a/b", { repository: "localhost:5000/a/b" }],
    ["localhost:5000/a/b:1", { repository: "localhost:5000/a/b", tag: "1" }],
    ["a/b@sha256:00", { repository: "a/b", digest: "sha256:00" }],
    ["a/b:1@sha256:00", { repository: "a/b", tag: "1", digest: "sha256:00" }],
  ])("takes %s apart", (ref, parts) => {
    expect(parseReference(ref)).toEqual(parts);
  });

  it.each([
    ["2026.9.6", "2026.9.6"],
    ["v0.86.2", "0.86.2"],
    ["1.0.0-beta.1", "1.0.0-beta.1"],
    ["latest", undefined],
    ["2", undefined],
    ["1.2.3; rm", undefined],
    [undefined, undefined],
  ])("takes the tag %s for the version %s", (tag, version) => {
    expect(exactVersion({ repository: "x", tag })).toBe(version);
  });

  it.each([
    ["ghcr.io/openclaw/openclaw:2026.9.6", "OpenClaw"],
    ["registry.fly.io/gentity-claude-code:2.1.329", "Claude Code"],
    ["docker.io/nousresearch/hermes-agent:0.22.2", "Hermes"],
    ["docker.io/paulgauthier/aider-full:v0.86.2", "Aider"],
    ["ghcr.io/browser-use/web-ui:main", "browser-use"],
    ["someone/not-openclaw:1.0.0", undefined],
    ["nikolaik/python-nodejs:python3.12-nodejs22", undefined],
  ])("knows %s as %s", (ref, title) => {
    expect(findKnownAgent(parseReference(ref))?.title).toBe(title);
  });
});

describe("npm's reason", () => {
  it("is its code and first sentence", () => {
    const complaints = [
      "npm error code ENOTFOUND",
      "npm error syscall getaddrinfo",
      "npm error errno ENOTFOUND",
      "npm error network request to https://registry.example/openclaw failed",
      "npm error A complete log of this run can be found in: /x-debug-0.log",
    ].join("\n");
    expect(npmReason(complaints)).toBe(
      "npm failed: ENOTFOUND: network request to https://registry.example/openclaw failed",
    );
  });

  it("admits when there is none", () => {
    expect(npmReason("Segmentation fault\n")).toBe("npm failed without saying why");
  });
});
