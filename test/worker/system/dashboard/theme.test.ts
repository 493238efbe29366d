import { expect, it } from "vitest";
import { worker } from "../../harness.ts";

const ORIGIN = "http://localhost";

const choose = (theme: string, headers: Record<string, string> = {}) =>
  worker.fetch(`${ORIGIN}/theme`, {
    method: "POST",
    redirect: "manual",
    headers: { Origin: ORIGIN, Referer: `${ORIGIN}/docs?a=b`, ...headers },
    body: new URLSearchParams({ theme }),
  });

const page = async (cookie = "") =>
  (await worker.fetch(`${ORIGIN}/nothing-here`, { headers: { Accept: "text/html", Cookie: cookie } })).text();

it("is the system's, or the one that was chosen, from the first byte of a page on", async () => {
  expect(await page()).toContain('<html lang="en"><head>');
  for (const theme of ["light", "dark"]) {
    const answer = await choose(theme);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/docs?a=b");
    const cookie = answer.headers.get("set-cookie")?.split(";")[0];
    const chosen = await page(`other=1; ${cookie}`);
    expect(chosen).toContain(`<html lang="en" data-theme="${theme}">`);
    expect(chosen).toMatch(new RegExp(`value="${theme}" aria-pressed="true"`));
  }
  expect((await choose("system")).headers.get("set-cookie")).toContain("Max-Age=0");
  expect(await page("__Host-gentity-theme=%22onload")).toContain('<html lang="en"><head>');
});

it("is chosen on a page of ours alone, and leads to no other place", async () => {
  expect((await choose("dark", { Origin: "https://else.where" })).status).toBe(403);
  expect((await choose("purple")).status).toBe(403);
  const answer = await choose("dark", { Referer: "https://else.where/page" });
  expect(answer.headers.get("location")).toBe("/");
});
