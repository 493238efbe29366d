import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { until } from "../../e2e/stack.ts";
import { type Place, read } from "../place.ts";

const MB = 1024 * 1024;

interface Message {
  data: Buffer;
  isBinary: boolean;
}

async function next(socket: WebSocket): Promise<Message> {
  const [data, isBinary] = (await once(socket, "message")) as [Buffer, boolean];
  return { data, isBinary };
}

function say(socket: WebSocket, data: string | Buffer): Promise<Message> {
  const answer = next(socket);
  socket.send(data);
  return answer;
}

async function ending(socket: WebSocket): Promise<{ code: number; reason: string }> {
  socket.on("error", () => {});
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  return { code, reason: String(reason) };
}

/** With which codes the agent saw the sockets of that name end. */
function endings(place: Place, name: string): Promise<number[]> {
  return until(`the agent to see ${name} end`, async () => {
    const codes: number[] = await place.json(`/closed/${name}`);
    return codes.length > 0 && codes;
  });
}

function handshake({ host, publicOrigin }: Place, path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Origin: ${publicOrigin}`,
    ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ...["", ""],
  ].join("\r\n");
}

export function sockets(at: () => Place): void {
  describe("WebSockets", () => {
    it("carry text as text and bytes as bytes, empty ones too", async () => {
      const socket = await at().socket();
      for (const text of ["hello", "", "ünïcödé 🦀"]) {
        const { data, isBinary } = await say(socket, text);
        expect([String(data), isBinary]).toEqual([text, false]);
      }
      for (const bytes of [Buffer.from([0, 255, 128, 10]), Buffer.alloc(0)]) {
        const { data, isBinary } = await say(socket, bytes);
        expect([data, isBinary]).toEqual([bytes, true]);
      }
      socket.terminate();
    });

    it("carry messages of a megabyte, in order, both ways", async () => {
      const socket = await at().socket();
      const sent = Array.from({ length: 8 }, () => randomBytes(MB));
      const back: Buffer[] = [];
      const all = new Promise<void>((resolve) => {
        socket.on("message", (data: Buffer) => {
          if (back.push(data) === sent.length) resolve();
        });
      });
      for (const message of sent) socket.send(message);
      await all;
      expect(back.map((data, index) => sent[index]?.equals(data))).toEqual(sent.map(() => true));
      const text = "x".repeat(MB);
      expect(String((await say(socket, text)).data) === text).toBe(true);
      socket.terminate();
    });

    it("agree on the subprotocol that the agent chooses", async () => {
      const socket = await at().socket("/ws", {}, ["one", "two", "three"]);
      expect(socket.protocol).toBe("two");
      socket.terminate();
      const none = await at().socket("/ws");
      expect(none.protocol).toBe("");
      none.terminate();
    });

    it.each([
      [1000, "done"],
      [1001, ""],
      [1008, "policy"],
      [1011, "failed"],
      [1013, "later"],
      [3000, "registered"],
      [4001, "the agent's own"],
    ])("the agent's close %i arrives, with its reason", async (code, reason) => {
      const socket = await at().socket();
      const ended = ending(socket);
      socket.send(`!close ${code} ${reason}`);
      expect(await ended).toEqual({ code, reason });
    });

    it.each([1000, 4002])("the visitor's close %i arrives", async (code) => {
      const name = randomUUID();
      const socket = await at().socket(`/ws/${name}`);
      const ended = ending(socket);
      socket.close(code, "bye");
      expect(await endings(at(), name)).toEqual([code]);
      expect((await ended).code).toBe(code);
    });

    it("are kept alive by pings from either side", async () => {
      const socket = await at().socket();
      const pong = once(socket, "pong");
      socket.ping("from the visitor");
      expect(String((await pong)[0])).toBe("from the visitor");
      expect(String((await say(socket, "!ping")).data)).toBe("pong from the agent");
      socket.terminate();
    });

    it("of a visitor who vanishes end at the agent too", async () => {
      const name = randomUUID();
      const socket = await at().socket(`/ws/${name}`);
      await say(socket, "here");
      socket.terminate();
      expect(await endings(at(), name)).toEqual([1006]);
    });

    it("of a visitor who only stops sending, without a word, end as well", async () => {
      const name = randomUUID();
      const socket = await at().raw();
      socket.on("error", () => {});
      socket.write(handshake(at(), `/ws/${name}`));
      expect(await read(socket, (text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1\.1 101 /);
      socket.end();
      expect(await endings(at(), name)).toEqual([1006]);
      socket.destroy();
    });

    it("of an agent that hangs up end at the visitor's, and not as if all were well", async () => {
      const socket = await at().socket();
      const ended = ending(socket);
      socket.send("!cut");
      expect((await ended).code).toBe(1006);
    });

    it("that the agent refuses are refused with its own answer", async () => {
      const socket = at().dial("/elsewhere");
      socket.on("error", () => {});
      const [, answer] = await once(socket, "unexpected-response");
      expect(answer.statusCode).toBe(403);
      expect(await read(answer, (text) => text.length >= 2)).toBe("no");
    });

    it("see the same headers as a GET does, whatever the visitor sent", async () => {
      const forged = {
        "x-forwarded-host": "evil.example",
        "x-gentity-user": "acc_other",
        "fly-region": "syd",
      };
      const socket = await at().socket("/ws", { headers: forged });
      const upgrade = JSON.parse(String((await say(socket, "!headers")).data));
      const { headers } = await at().json("/echo", { headers: { ...forged, origin: at().publicOrigin } });
      const told = (all: Record<string, string>) =>
        Object.fromEntries(
          Object.entries(all).filter(([name]) => /^(host|origin|x-forwarded-.*|x-gentity-.*)$/.test(name)),
        );
      expect(told(upgrade)).toEqual(told(headers));
      expect(new URL(upgrade.origin).host).toBe(upgrade.host);
      socket.terminate();
    });

    it("are many at once", async () => {
      const open = await Promise.all(Array.from({ length: 50 }, () => at().socket()));
      const back = await Promise.all(open.map((socket, index) => say(socket, String(index))));
      expect(back.map(({ data }) => String(data))).toEqual(open.map((_, index) => String(index)));
      for (const socket of open) socket.terminate();
    });
  });
}
