import { describe, expect, it } from "vitest";
import { parseFromTab } from "./protocol.ts";

describe("what a tab sends", () => {
  it.each([
    [
      { type: "input", data: "ls\r" },
      { type: "input", data: "ls\r" },
    ],
    [
      { type: "resize", cols: 80.9, rows: 24 },
      { type: "resize", cols: 80, rows: 24 },
    ],
    [
      { type: "resize", cols: 0, rows: 1e9 },
      { type: "resize", cols: 1, rows: 300 },
    ],
    [
      { type: "ack", chars: 5 },
      { type: "ack", chars: 5 },
    ],
    [{ type: "start", more: 1 }, { type: "start" }],
  ])("understands %j", (sent, message) => {
    expect(parseFromTab(JSON.stringify(sent))).toEqual(message);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '"input"',
    "{}",
    '{"type":"input","data":1}',
    '{"type":"resize","cols":"80","rows":24}',
  ])("ignores %s", (text) => {
    expect(parseFromTab(text)).toBeUndefined();
  });
});
