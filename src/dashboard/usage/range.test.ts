import { expect, it } from "vitest";
import { readRange } from "./range.ts";

const NOW = Date.UTC(2026, 2, 31, 23, 59);
const days = (query: Parameters<typeof readRange>[0], now = NOW) => {
  const { from, to } = readRange(query, now).range;
  return `${from} ${to}`;
};

it("knows the days of what is asked for by a click", () => {
  expect(days({})).toBe("2026-03-01 2026-03-31");
  expect(days({ range: "last-month" })).toBe("2026-02-01 2026-02-28");
  expect(days({ range: "last-month" }, Date.UTC(2026, 0, 1))).toBe("2025-12-01 2025-12-31");
  expect(days({ range: "7-days" })).toBe("2026-03-25 2026-03-31");
  expect(days({ range: "30-days" })).toBe("2026-03-02 2026-03-31");
  expect(days({ range: "nothing of ours" })).toBe("2026-03-01 2026-03-31");
});

it.each([
  { from: "2026-02-31", to: "2026-03-01" },
  { from: "", to: "2026-03-01" },
  { from: "2026-03-01" },
  { from: "2026-03-01'--", to: "2026-03-02" },
])("says that %o are no days", (query) => {
  expect(readRange(query, NOW)).toMatchObject({ ok: false, range: { code: "this-month" } });
});

it("takes two days as they are", () => {
  expect(readRange({ from: "2026-03-01", to: "2026-03-02" }, NOW)).toEqual({
    ok: true,
    range: { code: null, from: "2026-03-01", to: "2026-03-02" },
  });
});
