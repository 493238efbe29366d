import { describe, expect, it } from "vitest";
import { ByteQueue } from "./byte-queue.ts";
import { openRequest, parseGlimpse, quote, readRequest, writeRequest } from "./script.ts";

const parametersOf = ({ command }: { command: string[] }) => command.slice(4);
const write = (input: Uint8Array) =>
  parametersOf(writeRequest("id1", { offset: 5, limit: 9, sequence: 7, input }));

describe("a terminal's calls", () => {
  it("send text as it is, and bytes that are none as base64", () => {
    expect(write(new TextEncoder().encode("é\x03\n"))).toEqual([
      "io",
      "id1",
      "5",
      "9",
      "0",
      "7",
      "t:é\x03\n",
    ]);
    expect(write(new Uint8Array([0xc3]))).toEqual(["io", "id1", "5", "9", "0", "7", "b:ww=="]);
    expect(write(new Uint8Array([0])).at(-1)).toBe("b:AA==");
    // A byte order mark is text that a decoder likes to swallow.
    expect(write(new Uint8Array([0xef, 0xbb, 0xbf])).at(-1)).toBe("t:\ufeff");
  });

  it("read with a hold, and write without", () => {
    expect(parametersOf(readRequest("id1", { offset: 5, limit: 9, holdSeconds: 15 }))).toEqual([
      "io",
      "id1",
      "5",
      "9",
      "15",
      "0",
      "",
    ]);
  });

  it("quote what the shell in the pty is to run", () => {
    expect(quote("it's $HOME")).toBe(`'it'\\''s $HOME'`);
    const shell = { argv: ["top", "-d 1"], cwd: "/a b", env: { X: "'" } };
    expect(parametersOf(openRequest("id1", { cols: 80, rows: 24 }, shell))[4]).toBe(
      "export X=''\\'''\ncd '/a b'\nexec 'top' '-d 1'",
    );
  });
});

describe("a terminal's answers", () => {
  it("tell state, place and bytes", () => {
    expect(parseGlimpse("gentity-tty/1 running - 4 0\naGk=\nend\n")).toEqual({
      state: "running",
      offset: 4,
      size: 0,
      data: new TextEncoder().encode("hi"),
    });
    expect(parseGlimpse("gentity-tty/1 exited 7 4 4\nend\n")).toMatchObject({ state: "exited", exitCode: 7 });
    expect(parseGlimpse("gentity-tty/1 unequipped\n")).toEqual({ state: "unequipped" });
  });

  it.each(["", "gentity-tty/1 running - 4 0\naGk=\n", "sh: not found\n"])("are none: %j", (stdout) => {
    expect(parseGlimpse(stdout)).toBeUndefined();
  });
});

describe("bytes on their way to a reader", () => {
  it("are handed out in order, also after the end", async () => {
    const queue = new ByteQueue(10);
    queue.push(new Uint8Array([1]));
    queue.push(new Uint8Array([2]));
    queue.end();
    const seen: number[] = [];
    for await (const part of queue) seen.push(...part);
    expect(seen).toEqual([1, 2]);
  });

  it("hold back whoever pushes faster than they are read", async () => {
    const queue = new ByteQueue(2);
    queue.push(new Uint8Array([1, 2, 3]));
    let hasRoom = false;
    const room = queue.room().then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    await queue[Symbol.asyncIterator]().next();
    await room;
    expect(hasRoom).toBe(true);
  });
});
