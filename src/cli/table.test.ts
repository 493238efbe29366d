import { expect, test } from "vitest";
import { renderFields, renderTable } from "./table.ts";

const title = (text: string) => text;

test("aligns by what is seen, with titles first and nothing behind the last column", () => {
  const rows = [
    ["日本", "\x1b[32m●\x1b[39m running", "x"],
    ["ab", "● error", "yy"],
  ];
  expect(renderTable([{ title: "NAME" }, { title: "STATUS" }, { title: "U" }], rows, { title })).toEqual([
    "NAME  STATUS     U",
    "日本  \x1b[32m●\x1b[39m running  x",
    "ab    ● error    yy",
  ]);
});

test("takes from the widest column that may shrink, and never from the others", () => {
  const rows = [["a-rather-long-name-for-this", "https://a.example/", "claude-sonnet-5-5"]];
  const columns = [{ title: "NAME", shrinks: true }, { title: "URL" }, { title: "MODEL", shrinks: true }];
  expect(renderTable(columns, rows, { title, maxWidth: 50 })[1]).toBe(
    "a-rather-long…  https://a.example/  claude-sonnet…",
  );
  expect(renderTable(columns, rows, { title, maxWidth: 10 })[1]).toBe(
    "a-rathe…  https://a.example/  claude-…",
  );
});

test("fields without a value are left out", () => {
  expect(
    renderFields(
      [
        ["id", "1"],
        ["error", null],
        ["subdomain", "x"],
      ],
      title,
    ),
  ).toEqual(["id         1", "subdomain  x"]);
});
