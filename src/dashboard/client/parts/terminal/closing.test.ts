import { expect, it } from "vitest";
import { closingWords } from "./closing.ts";

it.each([
  ["The shell ended with exit code 3.", { code: 1000, reason: "", exit: { exitCode: 3, signal: null } }],
  [
    "The shell ended with exit code 137, by SIGKILL.",
    { code: 1000, reason: "", exit: { exitCode: 137, signal: "SIGKILL" } },
  ],
  ["The shell ended.", { code: 1006, reason: "", exit: { exitCode: null, signal: null } }],
  ["The instance is stopped.", { code: 4400, reason: "The instance is stopped." }],
  ["You ended the shell.", { code: 1000, reason: "" }],
  ["The connection was lost, and the shell ended with it.", { code: 1006, reason: "" }],
])("says %s", (words, closing) => {
  expect(closingWords({ wasOpen: true, ...closing })).toBe(words);
});

it("says that it never was", () => {
  expect(closingWords({ code: 1006, reason: "", wasOpen: false })).toBe(
    "The connection could not be opened.",
  );
});
