import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { currentRelease, findAgent } from "../../../src/catalog/catalog.ts";
import { AS_BROWSER } from "../stack.ts";
import type { Walk } from "./walk.ts";

export const NEXT_RELEASE = "99.0.0";

export function stoppingAndStarting(walk: Walk): void {
  describe("stopping and starting", () => {
    beforeAll(async () => {
      await walk.shell("echo gone > /root/b; echo gone > /etc/c");
      expect(await walk.act("stop")).toContain("stopped");
    });

    it("says at the URL that it is stopped, as a page to a browser and as JSON to a program", async () => {
      const page = await walk.stack.visit(walk.subdomain, AS_BROWSER);
      expect([page.status, page.headers["content-type"]]).toEqual([502, "text/html; charset=utf-8"]);
      expect(page.text).toContain("<h1>Stopped</h1>");
      expect(page.text).toContain("gentity compute start");
      const program = await walk.stack.visit(walk.subdomain);
      expect(program.status).toBe(502);
      expect(program.body.error).toContain("Stopped");
    });

    it("runs no command, and says how to go on", async () => {
      const refused = await walk.shell("true");
      expect(refused.code).toBe(5);
      expect(refused.stderr).toContain("gentity compute start");
    });

    it("has its volume after a start, and of the root disk what the vendor keeps", async () => {
      expect(await walk.act("start")).toContain("running");
      expect((await walk.shell("cat /workspace/a")).stdout).toBe("hello\n");
      const root = (await walk.shell("ls /root/b /etc/c 2>/dev/null")).stdout;
      expect(root).toBe(walk.vendor.keepsRootDisk ? "/etc/c\n/root/b\n" : "");
      expect((await walk.stack.visit(walk.subdomain)).status).toBe(200);
    });
  });
}

export function restarting(walk: Walk): void {
  describe("restarting", () => {
    it("never upgrades, and keeps the files: it is what it was made as, and says that it is behind", async () => {
      const agent = findAgent("claude-code");
      if (!agent) throw new Error("no claude-code");
      const { release, image, recipe } = currentRelease(agent);
      const next = {
        release: NEXT_RELEASE,
        image: { repository: image.repository, tag: NEXT_RELEASE, digest: `sha256:${"ab".repeat(32)}` },
        recipe: { ...recipe, env: { ...recipe.env, NEXT: "yes" } },
      };
      const file = join(walk.stack.home.path, "release.json");
      writeFileSync(file, JSON.stringify(next));
      await walk.stack.run(["admin", "releases", "publish", "claude-code", "--file", file]);

      const [before, boot] = [await walk.instance(), await walk.bootOf()];
      expect(await walk.act("restart")).toContain("running");
      expect(await walk.bootOf()).not.toBe(boot);
      expect((await walk.shell('echo "$GENTITY_RELEASE/$NEXT"')).stdout).toBe(`${release}/\n`);
      const behind = { outdated: true, latestRelease: NEXT_RELEASE };
      expect((await walk.instance()).image).toEqual({ ...before.image, ...behind });
      expect((await walk.shell("cat /workspace/a")).stdout).toBe("hello\n");
      expect(await walk.holdings()).toEqual(walk.vendor.whole);
    });
  });
}
