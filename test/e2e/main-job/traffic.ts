import { describe, expect, it } from "vitest";
import { AS_BROWSER, ask, until } from "../stack.ts";
import { openSocket } from "./making.ts";
import type { Walk } from "./walk.ts";

const AT_ONCE = 50;

export function itsTraffic(walk: Walk): void {
  describe("its traffic", () => {
    const total = async () =>
      (await walk.stack.api("GET", `/api/instances/${walk.id}/traffic`)).body.total as Record<string, number>;

    it("is counted by hour: every request once, with its bytes, its errors and its WebSockets", async () => {
      const { subdomain, stack } = walk;
      const host = `${subdomain}.gentity.localhost:${stack.port}`;
      // What came before has arrived when two looks agree.
      let before = await total();
      await until("earlier rows to arrive", async () => {
        const [seen, now] = [before, await total()];
        before = now;
        return JSON.stringify(seen) === JSON.stringify(now);
      });
      const visits = await Promise.all(
        Array.from({ length: AT_ONCE }, () => stack.visit(subdomain, AS_BROWSER, "/?key=hidden-query")),
      );
      const posted = await ask("POST", new URL(`http://127.0.0.1:${stack.port}/`), {
        headers: { host },
        body: { text: "x".repeat(1000) },
      });
      expect(await openSocket(walk, `http://${host}`)).toMatchObject({ type: expect.any(String) });
      const lengths = [...visits, posted].map(({ headers }) => Number(headers["content-length"] ?? 0));
      const expected = {
        requests: AT_ONCE + 2,
        websockets: 1,
        errors: 0,
        bytesIn: JSON.stringify({ text: "x".repeat(1000) }).length,
        bytesOut: lengths.reduce((sum, length) => sum + length, 0),
      };
      expect(expected.bytesOut).toBeGreaterThan(0);
      const difference = await until("the rows to arrive", async () => {
        const after = await total();
        const found = Object.fromEntries(
          Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]),
        );
        return (found.requests ?? 0) >= expected.requests && found;
      });
      expect(difference).toEqual(expected);
    });

    it("is shown by the command line", async () => {
      const printed = await walk.stack.run(["compute", "traffic", walk.id]);
      expect(printed).toMatch(/^\d{4}-\d\d-\d\d \d\d:00 +\d+ +[█▏▎▍▌▋▊▉]+ .* ms$/m);
      expect(printed).toMatch(/^total +\d+/m);
    });
  });
}
