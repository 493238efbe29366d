import { describe, expect, it } from "vitest";
import { AS_BROWSER, until } from "../stack.ts";
import { NEXT_RELEASE } from "./power.ts";
import type { Walk } from "./walk.ts";

export const NEVER_EXISTED = "cl-neverwas";
/** What the README promises. */
const DEAD_WITHIN_MS = 10_000;

export function aNewAddress(walk: Walk): void {
  describe("a new address", () => {
    it("is given at once; the old one is dead within ten seconds, and the vendor has nothing to do with it", async () => {
      const { stack, id } = walk;
      const [old, boot, held] = [walk.subdomain, await walk.bootOf(), await walk.holdings()];
      await stack.run(["compute", "rotate-url", id]);
      walk.subdomain = (await walk.instance()).subdomain;
      expect(walk.subdomain).not.toBe(old);
      const forgotten = async () => (await stack.visit(old, AS_BROWSER)).status === 404;
      await until("the old address to be dead", forgotten, DEAD_WITHIN_MS);
      expect((await stack.visit(walk.subdomain, AS_BROWSER)).text).toContain("<h1>Claude Code</h1>");
      expect(await walk.holdings()).toEqual(held);
      expect(await walk.bootOf()).toBe(boot);
    });
  });
}

/** The copy is made of the instance of the walk, and changes hands in its place. */
export function copiesAndOwners(walk: Walk): void {
  describe("a copy", () => {
    let copy: { id: string; subdomain: string };
    let ada: string;

    it("is made of the current release, without the data; with it only where the vendor copies volumes", async () => {
      const { stack, id, vendor } = walk;
      if (!vendor.copiesData) {
        const refused = await stack.cli(["compute", "clone", id, "--copy-data"]);
        expect([refused.code, refused.stdout]).toEqual([1, ""]);
        expect(refused.stderr).toContain("cannot copy a volume");
        expect(refused.stderr).toContain("Next: Clone without the data");
      }
      copy = JSON.parse(await stack.run(["compute", "clone", id, "--json"]));
      expect(copy.id).not.toBe(id);
      expect((await stack.instance(copy.id)).image).toMatchObject({ release: NEXT_RELEASE, outdated: false });
      expect(await stack.exec(copy.id, "ls /workspace/a 2>/dev/null || echo $NEXT")).toBe("yes\n");
      expect(await vendor.holdings(stack, copy.id)).toEqual(vendor.whole);
    });

    it("is given away while it runs: another owner, address and key, the same files, one machine", async () => {
      const { stack, vendor } = walk;
      ada = JSON.parse(await stack.run(["admin", "accounts", "create", "ada@example.com", "--json"])).token;
      await stack.exec(copy.id, "echo kept >/workspace/kept; sync");
      const held = await vendor.holdings(stack, copy.id);
      const offer = (await stack.run(["compute", "transfer", copy.id, "--to", "ada@example.com"])).trim();
      const taken = await stack.cliAs(ada, ["transfers", "accept", offer, "--api-key", "sk-of-ada"]);
      expect(taken).toMatchObject({ code: 0, stdout: `${copy.id}\n` });
      const theirs = async () =>
        JSON.parse((await stack.cliAs(ada, ["compute", "get", copy.id, "--json"])).stdout);
      const now = await until("it to run again", async () => {
        const { instance = await theirs() } = await theirs();
        return instance.status === "running" && instance;
      });
      const script = "env | grep -c sk-test; echo $ANTHROPIC_API_KEY; cat /workspace/kept";
      const looked = await stack.cliAs(ada, ["compute", "exec", copy.id, "--", "sh", "-c", script]);
      expect(looked.stdout).toBe("0\nsk-of-ada\nkept\n");
      expect(await vendor.holdings(stack, copy.id)).toEqual(held);
      expect((await stack.visit(copy.subdomain, AS_BROWSER)).status).toBe(404);
      expect((await stack.visit(now.subdomain, AS_BROWSER)).status).toBe(200);
      expect((await stack.cli(["compute", "get", copy.id])).code).toBe(4);
    });

    it("is deleted by its new owner, and nothing of it is left", async () => {
      const { stack, vendor } = walk;
      expect((await stack.cliAs(ada, ["compute", "delete", copy.id, "--yes"])).code).toBe(0);
      expect(await vendor.holdings(stack, copy.id)).toEqual(vendor.nothing);
    });
  });
}
