import { once } from "node:events";
import type { ClientRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { until } from "../../e2e/stack.ts";
import { type Place, read } from "../place.ts";

const SUBSCRIBERS = 100;

/**
 * As somebody who is gone altogether. A connection that is closed in good order is one that only sends no more: without
 * Cloudflare in front, the runtime goes on until it has something to write.
 */
function hangUp(begun: ClientRequest): void {
  begun.socket?.resetAndDestroy();
}

export function streams(at: () => Place): void {
  describe("streams", () => {
    it("the first byte is through before the agent has written the last", async () => {
      const room = at().room();
      const begun = at().begin("GET", `/hold/${room.name}/begun`);
      begun.end();
      const answer = await at().answerTo(begun);
      expect(await read(answer, (text) => text.endsWith("\n"))).toBe("first\n");
      const [rest, over] = [read(answer, (text) => text.endsWith("\n")), once(answer, "end")];
      await room.end("last\n");
      expect(await rest).toBe("last\n");
      await over;
    });

    it("goes both ways at once: what was sent comes back before more is sent", async () => {
      const begun = at().begin("POST", "/body", { "transfer-encoding": "chunked" });
      const head = at().answerTo(begun);
      begun.write("one");
      const answer = await head;
      expect(await read(answer, (text) => text.length >= 3)).toBe("one");
      for (const word of ["two", "three"]) {
        const back = read(answer, (text) => text.length >= word.length);
        begun.write(word);
        expect(await back).toBe(word);
      }
      begun.end();
      await once(answer.resume(), "end");
    });

    it(`${SUBSCRIBERS} event streams at once each get every event, and the agent sees all of them leave`, async () => {
      const room = at().room();
      const open = await Promise.all(
        Array.from({ length: SUBSCRIBERS }, async () => {
          const begun = at().begin("GET", `/events/${room.name}`, { accept: "text/event-stream" });
          begun.on("error", () => {});
          begun.end();
          const answer = await at().answerTo(begun);
          expect(answer.headers["content-type"]).toBe("text/event-stream");
          expect(await read(answer, (text) => text.endsWith("\n\n"))).toBe("event: hello\ndata: 0\n\n");
          return { begun, answer };
        }),
      );
      await room.holds({ waiting: SUBSCRIBERS, left: 0 });
      for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
        const all = open.map(({ answer }) => read(answer, (text) => text.endsWith("\n\n")));
        await room.tell(event);
        expect(new Set(await Promise.all(all))).toEqual(new Set([event]));
      }
      for (const { begun } of open) begun.destroy();
      // A side that is only closed may still be listening, as far as TCP tells: the next event shows that nobody is.
      await until("the agent to see all of them leave", async () => {
        await room.tell(": are you there?\n\n");
        return (await room.look()).left === SUBSCRIBERS;
      });
      await room.holds({ waiting: 0, left: SUBSCRIBERS });
    });

    it("a long poll gets its answer when there is one", async () => {
      const room = at().room();
      const polls = Array.from({ length: 10 }, () => at().ask("GET", `/hold/${room.name}`));
      await room.holds({ waiting: 10, left: 0 });
      await room.end("news");
      expect(new Set((await Promise.all(polls)).map(({ text }) => text))).toEqual(new Set(["news"]));
    });

    it("who leaves before the answer cancels the agent's work", async () => {
      const room = at().room();
      const begun = at().begin("GET", `/hold/${room.name}`);
      begun.on("error", () => {});
      begun.end();
      await room.holds({ waiting: 1, left: 0 });
      hangUp(begun);
      await room.holds({ waiting: 0, left: 1 });
    });

    it("who leaves in the midst of an answer cancels it too", async () => {
      const room = at().room();
      const begun = at().begin("GET", `/hold/${room.name}/begun`);
      begun.on("error", () => {});
      begun.end();
      await read(await at().answerTo(begun), (text) => text.endsWith("\n"));
      hangUp(begun);
      await room.holds({ waiting: 0, left: 1 });
    });

    it("who leaves in the midst of an upload is not taken for one who is done", async () => {
      const room = at().room();
      const begun = at().begin("POST", `/swallow/${room.name}`, { "transfer-encoding": "chunked" });
      begun.on("error", () => {});
      begun.write("a part of it");
      await room.holds({ waiting: 1, left: 0 });
      begun.destroy();
      await room.holds({ waiting: 0, left: 1 });
    });

    it("an agent that hangs up without an answer is told as one", async () => {
      const answer = await at().ask("GET", "/cut/head");
      expect(answer.status).toBe(502);
    });

    it.each(["length", "chunked"])(
      "an agent that hangs up in the midst of an answer (%s) is not taken for one that is done",
      async (how) => {
        const begun = at().begin("GET", `/cut/${how}`);
        begun.on("error", () => {});
        begun.end();
        const answer = await at().answerTo(begun);
        const ending = new Promise((resolve) => {
          answer.once("error", () => resolve("torn")).once("end", () => resolve("whole"));
        });
        expect(await read(answer, (text) => text.length >= 13)).toBe("the beginning");
        expect(await ending).toBe("torn");
      },
    );

    // The runtime's fetch has no trailers, in either direction.
    it("trailers are left out, and what they follow is whole", async () => {
      const answer = await at().ask("GET", "/trailers");
      expect([answer.text, answer.trailers]).toEqual(["with a trailer", {}]);
      const begun = at().begin("POST", "/count", { "transfer-encoding": "chunked", trailer: "x-sum" });
      const head = at().answerTo(begun);
      begun.write("sent");
      begun.addTrailers({ "x-sum": "1" });
      begun.end();
      const said = await read(await head, (text) => text.endsWith("}"));
      expect(JSON.parse(said)).toMatchObject({ length: 4, trailers: {} });
    });

    it("an answer that comes before the upload ends is passed on", async () => {
      const begun = at().begin("POST", "/status/413", { "transfer-encoding": "chunked" });
      begun.on("error", () => {});
      const head = at().answerTo(begun);
      begun.write("the beginning of much");
      const answer = await head;
      expect(answer.statusCode).toBe(413);
      begun.destroy();
      await until("the agent to be there for others", async () => (await at().ask("GET", "/")).text === "ok");
    });
  });
}
