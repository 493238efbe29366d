import { expect } from "vitest";
import type { Visit } from "./harness.ts";

/** What a page may weigh before a terminal is opened, gzipped, in bytes. */
const MAX_BYTES = 50_000;
/** Rounding of half pixels; anything that is seen to move is far above it. */
const MAX_SHIFT = 0.001;

/** Nothing was refused by the policy, failed, asked elsewhere, or moved by itself. */
export function expectCalm(visit: Visit): void {
  expect(visit.complaints).toEqual([]);
  const { shift, what } = visit.moved;
  expect(shift, what.join("\n")).toBeLessThanOrEqual(MAX_SHIFT);
}

/** What must hold for the page that one is on, and for every other: a heading, readers of all kinds, small screens, calm. */
export async function expectSoundHere(visit: Visit): Promise<void> {
  expect(await visit.page.locator("h1").count(), "headings of the first order").toBe(1);
  expectCalm(visit);
  expect(await visit.findBarriers(), visit.page.url()).toEqual([]);
  expect(await visit.findOverflow(), visit.page.url()).toEqual([]);
}

/** The same of a page by its path, and that it is light. */
export async function expectSound(visit: Visit, path: string, status = 200): Promise<void> {
  const response = await visit.go(path);
  expect(response.status(), path).toBe(status);
  await expectSoundHere(visit);
  expect(await visit.weigh(path), `bytes of ${path}`).toBeLessThan(MAX_BYTES);
}
