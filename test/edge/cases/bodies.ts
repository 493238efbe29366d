import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Place } from "../place.ts";

const MB = 1024 * 1024;
/** What one transfer may add to the runtime's memory: buffers, and no more however long it is. */
const ROOM_MB = 128;
/** A gigabyte takes its time through a tunnel that one processor carries; less shows the same. */
const LONG = process.env.GENTITY_EDGE_GIGABYTE === "1" ? 1024 * MB : 256 * MB;
const BLOCK = Buffer.alloc(64 * 1024, "0123456789abcdef");

/** The most memory that the control plane's runtime holds while `work` goes on, beyond what it held before; in MB. */
async function growth(place: Place, work: () => Promise<void>): Promise<number> {
  const pids = place.stack
    .family()
    .filter(({ command }) => /workerd\b.* serve|bin\/workerd/.test(command))
    .map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(0);
  const resident = () =>
    pids.reduce((sum, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return sum + Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    }, 0);
  const before = resident();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, resident());
  }, 50);
  await work().finally(() => clearInterval(timer));
  return Math.max(most, resident()) - before;
}

async function download(place: Place, path: string): Promise<number> {
  const begun = place.begin("GET", path);
  begun.end();
  const answer = await place.answerTo(begun);
  let length = 0;
  answer.on("data", (part: Buffer) => {
    length += part.length;
  });
  await once(answer, "end");
  return length;
}

async function upload(place: Place, bytes: number, headers: Record<string, string>): Promise<any> {
  const begun = place.begin("PUT", "/count", headers);
  const head = place.answerTo(begun);
  for (let sent = 0; sent < bytes; sent += BLOCK.length) {
    const part = BLOCK.subarray(0, Math.min(BLOCK.length, bytes - sent));
    if (!begun.write(part)) await once(begun, "drain");
  }
  begun.end();
  const answer = await head;
  let text = "";
  for await (const part of answer) text += String(part);
  return JSON.parse(text);
}

const shaOf = (bytes: number) => {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes; at += BLOCK.length)
    hash.update(BLOCK.subarray(0, Math.min(BLOCK.length, bytes - at)));
  return hash.digest("hex");
};

export function bodies(at: () => Place): void {
  describe("bodies", () => {
    it.each([0, 1, 65_536, 1_000_003])("%i bytes up, with a length", async (bytes) => {
      const seen = await upload(at(), bytes, { "content-length": String(bytes) });
      expect(seen).toMatchObject({ length: bytes, sha256: shaOf(bytes) });
      expect(seen.headers["content-length"]).toBe(String(bytes));
    });

    it.each([0, 1, 1_000_003])("%i bytes up, in chunks", async (bytes) => {
      const seen = await upload(at(), bytes, { "transfer-encoding": "chunked" });
      expect(seen).toMatchObject({ length: bytes, sha256: shaOf(bytes) });
      expect(seen.headers).not.toHaveProperty("content-length");
    });

    it.each(["", "/chunked"])("bytes down%s, the same ones", async (how) => {
      const answer = await at().ask("GET", `/bytes/1000003${how}`);
      expect(createHash("sha256").update(answer.body).digest("hex")).toBe(shaOf(1_000_003));
      expect(answer.headers["content-length"]).toBe(how === "" ? "1000003" : undefined);
    });

    it(`${LONG / MB} MB down and up stay out of memory`, { timeout: 240_000 }, async () => {
      // What is loaded and grown once is not what this is about.
      await download(at(), `/bytes/${64 * MB}`);
      await upload(at(), 64 * MB, { "content-length": String(64 * MB) });
      const down = await growth(at(), async () => {
        expect(await download(at(), `/bytes/${LONG}`)).toBe(LONG);
      });
      const up = await growth(at(), async () => {
        const seen = await upload(at(), LONG, { "content-length": String(LONG) });
        expect(seen.length).toBe(LONG);
      });
      console.log(
        `${LONG / MB} MB through the edge: memory grew by ${down.toFixed(0)} MB down, ${up.toFixed(0)} MB up`,
      );
      expect({ down: down < ROOM_MB, up: up < ROOM_MB }, `${down} MB down, ${up} MB up`).toEqual({
        down: true,
        up: true,
      });
    });
  });
}
