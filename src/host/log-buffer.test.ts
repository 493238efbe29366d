import { describe, expect, it } from "vitest";
import { LogBuffer } from "./log-buffer.ts";

const line = (message: string, position?: string) => ({
  at: 1,
  source: "agent" as const,
  level: "info" as const,
  message,
  position,
});
const messages = (buffer: LogBuffer) => buffer.batch()?.lines.map(({ message }) => message);

describe("lines that wait to be sent", () => {
  it("go in batches, each until it is acknowledged", () => {
    const buffer = new LogBuffer("run");
    expect(buffer.batch()).toBeUndefined();
    buffer.add(line("a"));
    const first = buffer.batch();
    buffer.add(line("b"));
    // A connection broke: the very same goes again.
    expect(buffer.batch()).toBe(first);
    expect(buffer.acknowledge(7)).toBeUndefined();
    expect(buffer.batch()).toBe(first);
    buffer.acknowledge(first?.seq ?? 0);
    expect(buffer.batch()).toMatchObject({ seq: 2, lines: [{ message: "b" }], lost: 0 });
    buffer.acknowledge(2);
    expect(buffer.isEmpty).toBe(true);
  });

  it("are bounded in number and length of a batch", () => {
    const buffer = new LogBuffer("run");
    for (let n = 0; n < 450; n++) buffer.add(line(`${n}`));
    expect(buffer.batch()?.lines).toHaveLength(200);
    buffer.acknowledge(1);
    const long = new LogBuffer("run");
    for (let n = 0; n < 100; n++) long.add(line("x".repeat(10_000)));
    const lines = long.batch()?.lines ?? [];
    expect(lines[0]?.message).toHaveLength(4_096);
    expect(lines.length).toBeLessThan(60);
    expect(lines.length).toBeGreaterThan(1);
  });

  it("are given up from the oldest on when they come too fast, and counted once", () => {
    const buffer = new LogBuffer("run");
    for (let n = 0; n < 5_010; n++) buffer.add(line(`${n}`));
    expect(buffer.batch()).toMatchObject({ lost: 10, lines: { length: 200 } });
    expect(messages(buffer)?.[0]).toBe("10");
    buffer.acknowledge(1);
    expect(buffer.batch()).toMatchObject({ lost: 0 });
    expect(messages(buffer)?.[0]).toBe("210");
  });

  it("tell up to where the agent's output has arrived", () => {
    const buffer = new LogBuffer("run");
    buffer.add(line("a", "1.1"));
    buffer.add(line("b", "1.2"));
    buffer.add(line("own"));
    buffer.batch();
    expect(buffer.acknowledge(1)).toBe("1.2");
  });
});
