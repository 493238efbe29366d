import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { AS_BROWSER } from "../stack.ts";
import type { Walk } from "./walk.ts";

export function makingOne(walk: Walk): void {
  describe("making one", () => {
    it("shows the five agents", async () => {
      const agents = await walk.stack.run(["agents"]);
      for (const agent of ["openclaw", "hermes", "aider", "claude-code", "browser-use"]) {
        expect(agents).toMatch(new RegExp(`^${agent}\\b`, "m"));
      }
    });

    it("creates an instance with the README's line and a provider, and says where it is", async () => {
      const line = "compute create --agent claude-code --model claude-sonnet-4-6 --api-key sk-test";
      const printed = await walk.stack.run([...line.split(" "), "--provider", walk.vendor.name]);
      const field = (name: string) => new RegExp(`^${name} +(.+)$`, "m").exec(printed)?.[1] ?? "";
      walk.id = field("id");
      walk.subdomain = field("subdomain");
      expect(walk.id).toMatch(/^cmp[a-z0-9]+$/);
      expect(walk.subdomain).toMatch(/^cl-[a-z0-9]{8}$/);
      expect(field("status")).toBe("● running");
      expect(field("url")).toBe(`http://${walk.subdomain}.gentity.localhost:${walk.stack.port}/`);
      const { name, region } = walk.vendor;
      expect(await walk.instance()).toMatchObject({ provider: name, region });
      expect(await walk.stack.run(["compute", "get", walk.id])).toMatch(new RegExp(`${name} ${region}`));
      expect(await walk.holdings()).toEqual(walk.vendor.whole);
    });

    it("is found by the beginning of its id or of its subdomain", async () => {
      const { stack, id, subdomain } = walk;
      for (const name of [id.slice(0, 12), subdomain, subdomain.slice(0, 5)]) {
        expect(await stack.run(["compute", "get", name])).toContain(id);
      }
      expect(await stack.run(["compute", "list"])).toContain(subdomain);
    });
  });
}

export function itsPage(walk: Walk): void {
  describe("its page", () => {
    it("is at its URL", async () => {
      const { status, text, headers } = await walk.stack.visit(walk.subdomain, AS_BROWSER);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
      expect(text).toContain("<h1>Claude Code</h1>");
      expect(text).toContain("claude-sonnet-4-6");
    });

    it("says honestly what runs: Claude Code where npm has it, else a page in its place and why", async () => {
      const { text } = await walk.stack.visit(walk.subdomain, AS_BROWSER);
      const logs = await walk.stack.run(["compute", "logs", walk.id]);
      const [, kind, said = ""] = /<p class="runs ([a-z-]+)">([^<]+)</.exec(text) ?? [];
      expect(logs).toContain(said);
      if (kind === "real") {
        expect(said).toMatch(/^The real Claude Code \d+\.\d+\.\d+, from npm\.$/);
        const [version = "none"] = /\d+\.\d+\.\d+/.exec(said) ?? [];
        expect((await walk.exec("claude", "--version")).stdout).toContain(version);
      } else {
        expect(said).toMatch(/^A built-in page, not Claude Code: .+/);
        expect((await walk.exec("claude", "--version")).code).toBe(127);
      }
    });

    it("opens its WebSocket to the page's own origin, and to no other", async () => {
      const host = `${walk.subdomain}.gentity.localhost:${walk.stack.port}`;
      expect(await openSocket(walk, `http://${host}`)).toMatchObject({ type: expect.any(String) });
      expect(await openSocket(walk, "http://elsewhere.example")).toBe(403);
    });
  });
}

/** @returns the first message, or the status of the refusal. */
export function openSocket(walk: Walk, origin: string): Promise<unknown> {
  const host = `${walk.subdomain}.gentity.localhost:${walk.stack.port}`;
  const socket = new WebSocket(`ws://127.0.0.1:${walk.stack.port}/terminal`, { headers: { host, origin } });
  return new Promise((done, fail) => {
    socket.once("message", (data) => {
      done(JSON.parse(String(data)));
      socket.close();
    });
    socket.once("unexpected-response", (_, response) => done(response.statusCode));
    socket.once("error", fail);
  });
}
