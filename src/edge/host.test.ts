import { describe, expect, it } from "vitest";
import { classifyHost, hostnameOf } from "./host.ts";

const zone = { baseDomain: "gentity.ai", apiHosts: ["localhost", "127.0.0.1"] };
const kind = (url: string) => classifyHost(hostnameOf(url), zone);

describe("classifyHost", () => {
  it.each([
    "https://gentity.ai/",
    "https://www.gentity.ai/",
    "https://api.gentity.ai",
    "https://app.gentity.ai",
    "https://GENTITY.AI.",
    "http://localhost:8787",
    "http://127.0.0.1:8787",
  ])("%s is the API", (url) => {
    expect(kind(url)).toEqual({ type: "api" });
  });

  it.each([
    "https://cl-x7k2m9q4.gentity.ai/",
    "https://CL-X7K2M9Q4.GENTITY.AI",
    "https://cl-x7k2m9q4.gentity.ai.",
    "https://cl-x7k2m9q4.gentity.ai:8443/a?b",
  ])("%s is an instance", (url) => {
    expect(kind(url)).toEqual({ type: "instance", subdomain: "cl-x7k2m9q4" });
  });

  it.each([
    "https://admin.gentity.ai",
    "https://mail.gentity.ai",
    "https://a.b.gentity.ai",
    "https://-x.gentity.ai",
    "https://x_y.gentity.ai",
    "https://gentity.ai.evil.example",
    "https://evilgentity.ai",
    "https://example.com",
    `https://${"a".repeat(64)}.gentity.ai`,
    "https://cl-x7k2m9q4..gentity.ai",
  ])("%s is nobody's", (url) => {
    expect(kind(url)).toEqual({ type: "unknown" });
  });
});

describe("hostnameOf", () => {
  it.each([
    "https://gentity.ai",
    "https://gentity.ai/",
    "http://Cl-X7k2m9q4.Gentity.AI:8787/a?b=//c:d/e",
    "http://127.0.0.1:8787/x:y",
    "https://gentity.ai./",
  ])("%s: what a whole parser makes of it", (url) => {
    expect(hostnameOf(url)).toBe(new URL(url).hostname);
  });

  it.each([
    "http://[::1]:8787/",
    "http://user@gentity.ai/",
    "http://cl-x7k2m9q4.gentity.ai?x",
    "http:///",
    "",
  ])("%s is nobody's: what is not a plain name is refused, not understood", (url) => {
    expect(kind(url)).toEqual({ type: "unknown" });
  });
});
