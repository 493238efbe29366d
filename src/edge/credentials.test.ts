import { describe, expect, it } from "vitest";
import {
  agentsPart,
  guardAnswer,
  linkCookie,
  linkInUrl,
  linksInCookie,
  maySetCookie,
  shownToken,
  withoutLink,
} from "./credentials.ts";

const TOKEN = `gn_live_${"a2".repeat(26)}`;
const request = (headers: Record<string, string>, url = "https://cl-a.gentity.ai/") =>
  new Request(url, { headers });
const stripped = (sent: Record<string, string>) =>
  Object.fromEntries(
    [...new Headers(sent)].flatMap(([name, value]) => {
      const part = agentsPart(name, value);
      return part === "" ? [] : [[name, part]];
    }),
  );

describe("a token", () => {
  it("is shown as a header, or among a WebSocket's subprotocols", () => {
    expect(shownToken(request({ Authorization: `Bearer ${TOKEN}` }))).toBe(TOKEN);
    const offered = { "Sec-WebSocket-Protocol": `chat, gentity.bearer.${TOKEN}` };
    expect(shownToken(request(offered))).toBe(TOKEN);
  });

  it.each([
    [{ Authorization: "Bearer gn_live_short" }],
    [{ Authorization: "Basic abc" }],
    [{ "Sec-WebSocket-Protocol": "gentity.bearer.gn_live_short" }],
    [{}],
  ])("is none in %j", (headers) => {
    expect(shownToken(request(headers as Record<string, string>))).toBeUndefined();
  });

  it("never reaches an agent, whole or mistyped, and the agent's own does", () => {
    expect(stripped({ Authorization: `Bearer ${TOKEN}` })).toEqual({});
    expect(stripped({ Authorization: `bearer  ${TOKEN.slice(0, -1)}` })).toEqual({});
    expect(stripped({ Authorization: "Bearer agents-own" })).toEqual({ authorization: "Bearer agents-own" });
    expect(stripped({ Authorization: "Basic abc" })).toEqual({ authorization: "Basic abc" });
  });

  it("is taken out of the subprotocols, and the others stay", () => {
    const protocols = (offered: string) => stripped({ "Sec-WebSocket-Protocol": offered });
    expect(protocols(`chat, gentity.bearer.${TOKEN},v2`)).toEqual({ "sec-websocket-protocol": "chat, v2" });
    expect(protocols(`gentity.bearer.${TOKEN}`)).toEqual({});
    expect(protocols("chat")).toEqual({ "sec-websocket-protocol": "chat" });
  });
});

describe("a link's proof", () => {
  it.each([
    ["/?gentity_link=p", "p", "/"],
    ["/a/b?x=1&gentity_link=p&y=%20", "p", "/a/b?x=1&y=%20"],
    ["/a?gentity_link=p&gentity_link=q", "p", "/a"],
    ["/a?gentity_linked=1", undefined, "/a?gentity_linked=1"],
    ["/gentity_link=p", undefined, "/gentity_link=p"],
    ["/a?", undefined, "/a?"],
    ["//evil.example/?gentity_link=p", "p", "//evil.example/"],
  ])("in %s is found and taken out, and nothing else changes", (path, proof, rest) => {
    expect(linkInUrl(`https://cl-a.gentity.ai${path}`)).toBe(proof);
    expect(withoutLink(path)).toBe(rest);
  });

  it("is kept in a cookie that no other host, script or page around it can use", () => {
    expect(linkCookie("p", 60)).toBe(
      "__Host-gentity-link=p; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=60",
    );
    expect(linksInCookie(request({ Cookie: "a=1; __Host-gentity-link=p; b=2" }))).toEqual(["p"]);
    expect(linksInCookie(request({ Cookie: "x__Host-gentity-link=p" }))).toEqual([]);
  });

  it.each([
    ["a=1; __Host-gentity-session=s; b=2", "a=1; b=2"],
    ["__Host-gentity-link=p; b=2", "b=2"],
    ["a=1; __host-GENTITY-link=p", "a=1"],
    // Two Cookie headers arrive as one.
    ["a=1, __Host-gentity-link=p; b=2", "a=1; b=2"],
    ["a=1;__Host-gentity-link", "a=1"],
    ["__Host-gentity-link=p", undefined],
    ["my__Host-other=1", "my__Host-other=1"],
  ])("goes out of %j, with every cookie of ours", (sent, passed) => {
    expect(stripped({ Cookie: sent }).cookie).toBe(passed);
  });
});

describe("an agent", () => {
  it.each([
    ["session=1", true],
    ["session=1; Path=/; Secure; HttpOnly", true],
    ["__Host-own=1; Path=/; Secure", true],
    ["a=1; Domain=cl-a.gentity.ai", true],
    ["a=1; Domain=other.example", true],
    ["a=1; Domain=", true],
    ["a=__Host-gentity-session", true],
    ["__Host-gentity-session=1; Path=/; Secure", false],
    ["__Host-gentity-link=1; Path=/; Secure", false],
    [" __HOST-Gentity-x=1", false],
    ["=__Host-gentity-session=1", false],
    ["a=1; Domain=gentity.ai", false],
    ["a=1; domain = .GENTITY.ai", false],
    ["a=1; Path=/; Domain=gentity.ai.; Secure", false],
    ["a=1; Domain=ai", false],
    ["a=1; Domain=cl-a.gentity.ai; Domain=gentity.ai", false],
  ])("that sets %j: %s", (line, may) => {
    expect(maySetCookie(line, "gentity.ai")).toBe(may);
  });

  it("keeps its other cookies and headers when one is dropped", async () => {
    const headers = new Headers({ "Content-Type": "text/plain", ETag: "e" });
    headers.append("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    headers.append("Set-Cookie", "__Host-gentity-session=1");
    headers.append("Set-Cookie", "b=2");
    const guarded = guardAnswer(
      request({}),
      new Response("body", { status: 203, statusText: "So", headers }),
      "gentity.ai",
    );
    expect(guarded.headers.getSetCookie()).toEqual(["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
    expect([guarded.status, guarded.statusText, guarded.headers.get("ETag")]).toEqual([203, "So", "e"]);
    expect(await guarded.text()).toBe("body");
  });

  it("that sets none of ours is passed on as it answered", () => {
    const plain = new Response("a", { headers: { "Set-Cookie": "a=1" } });
    expect(guardAnswer(request({}), plain, "gentity.ai")).toBe(plain);
  });
});
