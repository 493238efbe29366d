import { describe, expect, it } from "vitest";
import type { Outcome, PtySocket } from "../../providers/provider.ts";
import { openSocketTerminal } from "./socket-terminal.ts";

/** Both ends of a socket, here. */
function pair() {
  const sent: (Uint8Array | string)[] = [];
  let take: (message: Uint8Array | string) => void = () => {};
  let closed: (reason: string) => void = () => {};
  let isClosed = false;
  const socket: PtySocket = {
    send: (message) => sent.push(message),
    close: () => {
      isClosed = true;
    },
    onMessage: (listener) => {
      take = listener;
    },
    onClose: (listener) => {
      closed = listener;
    },
  };
  return {
    socket,
    sent,
    show: (text: string) => take(new TextEncoder().encode(text)),
    say: (message: object) => take(JSON.stringify(message)),
    breakOff: (reason: string) => closed(reason),
    isClosed: () => isClosed,
  };
}

const SIZE = { cols: 80, rows: 24, sessionId: "s1" };

async function read(output: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of output) text += new TextDecoder().decode(bytes);
  return text;
}

describe("a terminal over a socket", () => {
  it("hands over what was typed before it was open, shows what comes, and ends with the shell", async () => {
    const host = pair();
    const opening = Promise.withResolvers<Outcome<PtySocket>>();
    const terminal = openSocketTerminal({ ...SIZE, open: () => opening.promise });
    terminal.write(new TextEncoder().encode("ls\n"));
    terminal.resize(100, 40);
    opening.resolve({ type: "ok", value: host.socket });
    const output = read(terminal.output);
    await Promise.resolve();
    await Promise.resolve();
    expect(host.sent).toEqual([new TextEncoder().encode("ls\n"), '{"cols":100,"rows":40}']);
    host.show("a b\n");
    host.say({ exitCode: 130, signal: "SIGINT" });
    expect(await output).toBe("a b\n");
    expect(await terminal.exit).toEqual({ exitCode: 130, signal: "SIGINT" });
    expect([terminal.offset, host.isClosed()]).toEqual([4, true]);
  });

  it("says why it broke off, and why it could not be had", async () => {
    const host = pair();
    const open = async (): Promise<Outcome<PtySocket>> => ({ type: "ok", value: host.socket });
    const broken = openSocketTerminal({ ...SIZE, open });
    await Promise.resolve();
    await Promise.resolve();
    host.breakOff("the host's connection broke");
    expect(await broken.exit).toMatchObject({
      exitCode: null,
      failure: { type: "unknown", cause: "The terminal broke off: the host's connection broke" },
    });
    const refusal = { type: "rejected", code: "not_running", message: "no" } as const;
    const refused = openSocketTerminal({ ...SIZE, open: async () => refusal });
    expect(await refused.exit).toMatchObject({ failure: refusal });
  });

  it("is closed at the host also when its viewer left while it was being opened", async () => {
    const host = pair();
    const opening = Promise.withResolvers<Outcome<PtySocket>>();
    const terminal = openSocketTerminal({ ...SIZE, open: () => opening.promise });
    terminal.detach();
    opening.resolve({ type: "ok", value: host.socket });
    await terminal.close();
    expect(host.isClosed()).toBe(true);
  });

  it("is given up where nobody reads what it shows", async () => {
    const host = pair();
    const terminal = openSocketTerminal({ ...SIZE, open: async () => ({ type: "ok", value: host.socket }) });
    await Promise.resolve();
    await Promise.resolve();
    const megabyte = "x".repeat(1024 * 1024);
    for (let sent = 0; sent < 9; sent++) host.show(megabyte);
    expect(await terminal.exit).toMatchObject({ failure: { type: "unknown" } });
  });
});
