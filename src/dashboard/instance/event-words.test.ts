import { describe, expect, it } from "vitest";
import { eventWords } from "./event-words.ts";

describe("an event in words", () => {
  it.each([
    [{ action: "instance.create", detail: { release: "1.2", spec: {} } }, "created on release 1.2"],
    [{ action: "instance.create", detail: { release: "1.2", clonedFrom: "cmp1" } }, "as a clone of cmp1"],
    [
      { action: "instance.update", detail: { after: { idleTimeoutSeconds: 5, wakeAt: null } } },
      "changed: idle timeout, wake at",
    ],
    [{ action: "instance.hold", detail: { seconds: 7200, reason: "a build" } }, "hold for 2 h (a build)"],
    [
      { action: "instance.state", detail: { from: "running", to: "stopping", reason: "stop" } },
      "running → stopping (stop)",
    ],
    [{ action: "instance.exec", detail: { command: "ls", exitCode: 2 } }, "ran: ls (exit 2)"],
    [{ action: "instance.stop", detail: { from: "running" } }, "stop asked for"],
    [{ action: "something.new", detail: null }, "something.new"],
  ])("%o", (event, words) => {
    expect(eventWords(event)).toContain(words);
  });
});
