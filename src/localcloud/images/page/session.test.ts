import { describe, expect, it } from "vitest";
import type { ToTab } from "./protocol.ts";
import { Session, type Size, type Tab, type Terminal } from "./session.ts";

/** A terminal that does what the test says and remembers what was done to it. */
class FakeTerminal implements Terminal {
  readonly done: string[] = [];
  say: (data: string) => void = () => {};
  end: (ending: { exitCode: number; signal?: number }) => void = () => {};

  onData(listener: (data: string) => void): void {
    this.say = listener;
  }
  onExit(listener: (ending: { exitCode: number; signal?: number }) => void): void {
    this.end = listener;
  }
  write(data: string): void {
    this.done.push(`write ${data}`);
  }
  resize(cols: number, rows: number): void {
    this.done.push(`resize ${cols}x${rows}`);
  }
  pause(): void {
    this.done.push("pause");
  }
  resume(): void {
    this.done.push("resume");
  }
}

class FakeTab implements Tab {
  readonly got: ToTab[] = [];
  behind = 0;
  send(message: ToTab): void {
    this.got.push(message);
  }
  backlog(): number {
    return this.behind;
  }
  get text(): string {
    return this.got.map((message) => (message.type === "output" ? message.data : "")).join("");
  }
}

function setUp() {
  const terminals: FakeTerminal[] = [];
  const sizes: Size[] = [];
  const session = new Session((size) => {
    sizes.push({ ...size });
    terminals.push(new FakeTerminal());
    return terminals.at(-1) as FakeTerminal;
  });
  const tab = (cols?: number, rows = 24) => {
    const opened = new FakeTab();
    session.attach(opened);
    if (cols) session.resize(opened, { cols, rows });
    return opened;
  };
  const terminal = (index = 0) => terminals[index] as FakeTerminal;
  return { session, sizes, terminals, terminal, tab };
}

describe("a session", () => {
  it("begins with the first tab that says its size, in that size", () => {
    const { sizes, terminals, tab } = setUp();
    tab();
    expect(terminals).toHaveLength(0);
    tab(100, 30);
    expect(sizes).toEqual([{ cols: 100, rows: 30 }]);
  });

  it("goes on without a tab, and shows the next one what it missed", () => {
    const { session, terminals, terminal, tab } = setUp();
    const first = tab(80);
    terminal().say("before ");
    session.detach(first);
    terminal().say("meanwhile");
    expect(tab(80).text).toBe("before meanwhile");
    expect(first.text).toBe("before ");
    expect(terminals).toHaveLength(1);
  });

  it("is one for all tabs, in the size of the smallest", () => {
    const { session, terminal, tab } = setUp();
    const wide = tab(120, 40);
    const narrow = tab(60, 50);
    expect(terminal().done).toEqual(["resize 60x40"]);
    expect(wide.got.at(-1)).toEqual({ type: "size", cols: 60, rows: 40 });
    terminal().say("hello");
    expect([wide.text, narrow.text]).toEqual(["hello", "hello"]);
    session.detach(narrow);
    expect(terminal().done).toEqual(["resize 60x40", "resize 120x40"]);
  });

  it("ends, says how, and runs again when asked", () => {
    const { session, terminals, terminal, tab } = setUp();
    const first = tab(80);
    terminal().say("old");
    terminal().end({ exitCode: 3 });
    expect(first.got.at(-1)).toEqual({ type: "exit", exitCode: 3, signal: 0 });
    expect(session.isRunning).toBe(false);
    session.input("x");
    const second = tab(80);
    expect(second.text).toBe("old");
    expect(second.got.at(-1)).toEqual({ type: "exit", exitCode: 3, signal: 0 });
    session.start();
    session.start();
    terminal(1).say("new");
    expect(terminals).toHaveLength(2);
    expect(tab(80).text).toBe("new");
  });

  it("says why a command cannot be run", () => {
    const session = new Session(() => {
      throw new Error("no such program");
    });
    const tab = new FakeTab();
    session.attach(tab);
    session.resize(tab, { cols: 80, rows: 24 });
    expect(tab.text).toContain("no such program");
    expect(tab.got.at(-1)).toEqual({ type: "exit", exitCode: 127, signal: 0 });
  });

  it("holds the program up while a tab is far behind, until it has caught up or gone", () => {
    const { session, terminal, tab } = setUp();
    const slow = tab(80);
    slow.behind = 600 * 1024;
    terminal().say("a");
    terminal().say("b");
    session.drained();
    expect(terminal().done).toEqual(["pause"]);
    slow.behind = 0;
    session.drained();
    session.drained();
    expect(terminal().done).toEqual(["pause", "resume"]);
    slow.behind = 600 * 1024;
    terminal().say("c");
    session.detach(slow);
    expect(terminal().done).toEqual(["pause", "resume", "pause", "resume"]);
  });
});
