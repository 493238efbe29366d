import { expect, it } from "vitest";
import { execIdOf, parseExec, toCommand } from "./exec-fields.ts";

const GOOD = { command: "ls", cwd: "", timeoutSeconds: "5", stdin: "", nonce: "abcdefgh" };

function fieldsOf(over = {}) {
  const parsed = parseExec({ ...GOOD, ...over });
  if ("mistakes" in parsed) {
    throw new Error(JSON.stringify(parsed.mistakes));
  }
  return parsed.fields;
}

it("takes what a form sends as a shell means it", () => {
  expect(toCommand(fieldsOf({ command: "a\r\nb", stdin: "x\r\ny\r\n", cwd: " /tmp " }))).toEqual({
    argv: ["sh", "-c", "a\nb"],
    cwd: "/tmp",
    timeoutSeconds: 5,
    stdin: new TextEncoder().encode("x\ny\n"),
  });
  expect(toCommand(fieldsOf())).toEqual({ argv: ["sh", "-c", "ls"], timeoutSeconds: 5 });
});

it.each([
  ["command", { command: " \r\n" }],
  ["timeoutSeconds", { timeoutSeconds: "0" }],
  ["timeoutSeconds", { timeoutSeconds: "9999" }],
  ["timeoutSeconds", { timeoutSeconds: "soon" }],
  ["cwd", { cwd: "x".repeat(5_000) }],
  ["nonce", { nonce: "'; rm" }],
])("says what is wrong with %s", (field, over) => {
  expect(Object.keys((parseExec({ ...GOOD, ...over }) as { mistakes: object }).mistakes)).toEqual([field]);
});

it("is one command when it is sent twice, and another when anything differs", async () => {
  const id = await execIdOf(fieldsOf());
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await execIdOf(fieldsOf())).toBe(id);
  for (const over of [
    { command: "ls -l" },
    { cwd: "/" },
    { stdin: "x" },
    { timeoutSeconds: "6" },
    { nonce: "bcdefghi" },
  ]) {
    expect(await execIdOf(fieldsOf(over))).not.toBe(id);
  }
});
