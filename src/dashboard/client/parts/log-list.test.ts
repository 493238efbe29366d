import { expect, it } from "vitest";
import { keyOf, unseen } from "./log-list.ts";

it("leaves out what is in the page already, as often as it is", () => {
  const line = (at: number, text: string) => ({ at, level: "info" as const, text });
  const known = [line(1, "a"), line(2, "b"), line(2, "b")].map(keyOf);
  expect(unseen([line(1, "a"), line(2, "b"), line(2, "b"), line(2, "b"), line(3, "c")], known)).toEqual([
    line(2, "b"),
    line(3, "c"),
  ]);
  expect(unseen([line(1, "a")], [])).toEqual([line(1, "a")]);
});
