import { invalidInput } from "./errors.ts";

const PREFIX = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?/;
const WORD = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/;

/** @throws HetznerError */
export function checkLabels(labels: Record<string, string>): Record<string, string> {
  for (const [key, value] of Object.entries(labels)) {
    const isReserved = key.startsWith("hetzner.cloud/");
    if (isReserved || !WORD.test(key.replace(PREFIX, "")) || (value !== "" && !WORD.test(value))) {
      throw invalidInput("labels", `label ${key} is not correctly formatted`);
    }
  }
  return labels;
}

type Test = (labels: Record<string, string>) => boolean;

/** `k=v`, `k==v`, `k!=v`, `k`, `!k`, `k in (a,b)`, `k notin (a,b)`; a comma is an and. */
export function selector(text: string): Test {
  // A comma inside brackets belongs to the list.
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  const tests = parts.filter((part) => part !== "").map(testOf);
  return (labels) => tests.every((test) => test(labels));
}

function testOf(part: string): Test {
  const [, listKey = "", not, list = ""] = part.match(/^(\S+)\s+(not)?in\s*\(([^)]*)\)$/) ?? [];
  if (listKey !== "") {
    const values = list.split(",").map((value) => value.trim());
    return not === undefined
      ? (labels) => values.includes(labels[listKey] ?? "") && Object.hasOwn(labels, listKey)
      : (labels) => !values.includes(labels[listKey] ?? "") || !Object.hasOwn(labels, listKey);
  }
  const [, key = "", operator, value = ""] = part.match(/^([^=!\s]+)\s*(==|!=|=)\s*([^=!\s]*)$/) ?? [];
  if (operator === "!=") return (labels) => labels[key] !== value;
  if (operator !== undefined) return (labels) => labels[key] === value;
  const absent = part.match(/^!\s*([^=!\s]+)$/)?.[1];
  if (absent !== undefined) return (labels) => !Object.hasOwn(labels, absent);
  if (/^[^=!\s()]+$/.test(part)) return (labels) => Object.hasOwn(labels, part);
  throw invalidInput("label_selector", `cannot understand ${part}`);
}
