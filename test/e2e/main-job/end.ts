import { describe, expect, it } from "vitest";
import { AS_BROWSER, until } from "../stack.ts";
import { NEVER_EXISTED } from "./ownership.ts";
import type { Walk } from "./walk.ts";

export function logsAndTheEnd(walk: Walk): void {
  describe("logs and the end", () => {
    it("are followed until the instance is deleted, and then nothing is left of it anywhere", async () => {
      const { stack, id, vendor } = walk;
      const following = stack.startCli(["compute", "logs", id, "--follow"]);
      await until("the log so far", () => following.output().includes("listening on port"));
      const starts = () => following.output().split("listening on port").length - 1;
      const before = starts();
      await walk.act("restart");
      await until("the log to go on", () => starts() > before);
      expect(await stack.run(["compute", "logs", id, "--lines", "1"])).toMatch(/^\S+ .*\n$/);
      const [line] = (await stack.api("GET", `/api/instances/${id}/logs?lines=1`)).body.logs;
      expect(line).toMatchObject({ region: vendor.region, instance: expect.stringMatching(/^\w+$/) });

      expect(await walk.holdings()).toEqual(vendor.whole);
      const mark = await vendor.mark(stack, id);
      expect(mark).toContain(line.instance);
      expect(await walk.programs()).not.toEqual([]);
      expect(walk.folders()).toHaveLength(2);

      await stack.run(["compute", "delete", id, "--yes"]);
      expect(await following.ended).toEqual({ code: 0, signal: null });
      expect(await walk.holdings()).toEqual(vendor.nothing);
      expect(walk.programsWith(mark)).toEqual([]);
      await until("its folders to go", () => walk.folders().length === 0);
    });

    it("answer at its URL as at a name that never existed", async () => {
      for (const headers of [{}, AS_BROWSER]) {
        const deleted = await walk.stack.visit(walk.subdomain, headers);
        const never = await walk.stack.visit(NEVER_EXISTED, headers);
        expect([deleted.status, deleted.text]).toEqual([404, never.text]);
        expect(never.status).toBe(404);
      }
    });

    it("say so to the command line, and let it be deleted again", async () => {
      expect((await walk.stack.cli(["compute", "get", walk.id])).code).toBe(4);
      expect((await walk.stack.cli(["compute", "delete", walk.id, "--yes"])).code).toBe(0);
      expect(await walk.stack.run(["compute", "list", "--quiet"])).toBe("");
    });
  });
}
