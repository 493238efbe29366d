import { describe, expect, it } from "vitest";
import { isOwnOrigin } from "./origin.ts";

const host = "127.0.0.1:7681";
const forwardedHost = "cl-x7k2m9q4.gentity.ai";

describe("who may open the terminal", () => {
  it.each([
    ["the page itself", { origin: "http://127.0.0.1:7681", host }],
    ["the page under its public name", { origin: "https://cl-x7k2m9q4.gentity.ai", host, forwardedHost }],
    ["an edge that rewrote the origin", { origin: "http://127.0.0.1:7681", host, forwardedHost }],
    [
      "the first of several proxies' names",
      { origin: "https://a.example", host, forwardedHost: "a.example, b" },
    ],
    ["what is no browser", { host }],
    ["names in any case", { origin: "https://A.example", host: "a.EXAMPLE" }],
  ])("lets in %s", (_, headers) => {
    expect(isOwnOrigin(headers)).toBe(true);
  });

  it.each([
    ["another site", { origin: "https://evil.example", host, forwardedHost }],
    ["a sibling instance", { origin: "https://cl-aaaaaaaa.gentity.ai", host, forwardedHost }],
    ["another port of the same host", { origin: "http://127.0.0.1:9999", host }],
    ["a sandboxed frame", { origin: "null", host }],
    ["an empty origin", { origin: "", host }],
    ["an extension", { origin: "chrome-extension://abc", host: "abc" }],
    ["an origin where there is no host", { origin: "https://", host: "", forwardedHost: "" }],
    [
      "a name that only begins like ours",
      { origin: "https://cl-x7k2m9q4.gentity.ai.evil.example", host, forwardedHost },
    ],
  ])("keeps out %s", (_, headers) => {
    expect(isOwnOrigin(headers)).toBe(false);
  });
});
