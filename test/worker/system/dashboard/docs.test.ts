import { describe, expect, it } from "vitest";
import { SLUGS } from "../../../../src/docs/contents.ts";
import { call, worker } from "../../harness.ts";

const at = (path: string, headers: Record<string, string> = {}) =>
  worker.fetch(`http://localhost${path}`, {
    redirect: "manual",
    headers: { Accept: "text/html", ...headers },
  });
const text = async (path: string, headers?: Record<string, string>) => (await at(path, headers)).text();

const PAGES = ["/", "/docs", ...SLUGS.map((slug) => `/docs/${slug}`)];

/** As it goes over the wire, with everything it loads. */
async function weigh(html: string): Promise<number> {
  const assets = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => text(path));
  const sizes = [html, ...(await Promise.all(assets))].map(async (part) => {
    const zipped = new Blob([part]).stream().pipeThrough(new CompressionStream("gzip"));
    return (await new Response(zipped).arrayBuffer()).byteLength;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describe.each(PAGES)("%s", (path) => {
  it("is the same for everybody, may be kept, and runs nothing that is not a file of ours", async () => {
    const answer = await at(path, { Cookie: `__Host-gentity=gs_${"a".repeat(52)}` });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("cache-control")).toMatch(/^public, max-age=\d+/);
    expect(answer.headers.get("set-cookie")).toBeNull();
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toBe(await text(path));
    expect(page).not.toMatch(/<style|style=|<script(?! type="module" src="\/assets\/)|\son[a-z]+=/);
    expect(page).not.toMatch(/(?:src|href)="https?:[^"]*"(?! rel="noreferrer")/);
    expect(page.match(/<h1[ >]/g)).toHaveLength(1);
    expect(page).toContain('href="/dashboard"');
    expect(await weigh(page)).toBeLessThan(50 * 1024);
  });

  it("is not sent again to who has it", async () => {
    const first = await at(path);
    const etag = first.headers.get("etag") ?? "";
    await first.text();
    expect(etag).toMatch(/^"[0-9a-f]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await at(path, { "If-None-Match": known });
      expect([again.status, await again.text()]).toEqual([304, ""]);
      expect(again.headers.get("cache-control")).toMatch(/^public/);
    }
    const other = await at(path, { "If-None-Match": '"other"' });
    expect(other.status).toBe(200);
    await other.text();
  });
});

describe("a reader's theme", () => {
  it.each(["/", "/docs", "/docs/usage"])("is in %s, and in no other reader's", async (path) => {
    const dark = { Cookie: "__Host-gentity-theme=dark" };
    const chosen = await at(path, dark);
    expect(chosen.headers.get("vary")).toBe("Accept, Cookie");
    expect(await chosen.text()).toContain('<html lang="en" data-theme="dark">');
    const other = await at(path);
    expect(await other.text()).toContain('<html lang="en">');
    const known = { "If-None-Match": chosen.headers.get("etag") ?? "" };
    expect((await at(path, { ...dark, ...known })).status).toBe(304);
    expect((await at(path, known)).status).toBe(200);
  });
});

describe("links", () => {
  it("lead to a page that is there, and to a place on it", async () => {
    const pages = new Map(await Promise.all(PAGES.map(async (path) => [path, await text(path)] as const)));
    const hasPlace = (page: string, anchor: string) => page.includes(` id="${anchor}"`);
    const dead: string[] = [];
    for (const [path, page] of pages) {
      for (const [, href = ""] of page.matchAll(/<a [^>]*href="([^"]+)"/g)) {
        if (/^https:/.test(href) || href.startsWith("/dashboard")) continue;
        const { pathname, hash } = new URL(href, `http://localhost${path}`);
        const target = pages.get(pathname);
        const isThere =
          target === undefined ? await answers(pathname) : !hash || hasPlace(target, hash.slice(1));
        if (!isThere) dead.push(`${path}: ${href}`);
      }
    }
    expect(dead).toEqual([]);
  });

  const seen = new Map<string, Promise<boolean>>();
  function answers(path: string): Promise<boolean> {
    const known = seen.get(path) ?? call("GET", path).then(({ status }) => status === 200);
    seen.set(path, known);
    return known;
  }
});

describe("Markdown", () => {
  it("is what a program gets that asks for it, by its header or by the name", async () => {
    const named = await at("/docs/usage.md");
    expect(named.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const asked = await at("/docs/usage", { Accept: "text/markdown, text/html;q=0.5" });
    expect(asked.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    expect(asked.headers.get("vary")).toContain("Accept");
    const markdown = await named.text();
    expect(markdown).toMatch(/^# Usage and cost\n/);
    expect(await asked.text()).toBe(markdown);
  });

  it.each([
    "text/html",
    "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "*/*",
    "text/markdown;q=0.1, text/html",
  ])("is not what one gets that asks for %s", async (accept) => {
    expect((await at("/docs/usage", { Accept: accept })).headers.get("content-type")).toContain("text/html");
  });

  it("is there for every page, with nothing left to be filled in", async () => {
    for (const slug of SLUGS) {
      const markdown = await text(`/docs/${slug}.md`);
      expect(markdown).toMatch(/^# /);
      expect(markdown).not.toContain("<!-- made");
    }
  });

  it("lists all pages in llms.txt, and has them all in one file", async () => {
    const listed = await text("/llms.txt");
    for (const slug of SLUGS) expect(listed).toContain(`(http://localhost/docs/${slug}.md): `);
    const asked = await at("/docs", { Accept: "text/markdown" });
    expect(await asked.text()).toBe(listed);
    const full = await text("/docs/llms-full.txt");
    expect(full.match(/^---$/gm)?.length).toBeGreaterThanOrEqual(SLUGS.length - 1);
  });
});

describe("the reference of the API", () => {
  it("has every operation and every schema of the description", async () => {
    const { body } = await call("GET", "/openapi.json");
    expect(body.openapi).toBe("3.1.0");
    const page = await text("/docs/api");
    const markdown = await text("/docs/api.md");
    const operations = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(
      ([path, all]) =>
        Object.entries(all).map(([method, { operationId }]) => ({
          path,
          method: method.toUpperCase(),
          operationId,
        })),
    );
    expect(operations.length).toBeGreaterThan(40);
    for (const { path, method, operationId } of operations) {
      expect(markdown).toContain(`### \`${method} ${path}\` {#${operationId}}`);
      expect(page).toContain(`id="${operationId}"`);
    }
    for (const name of Object.keys(body.components.schemas)) {
      expect(page).toContain(`id="schema-${name}"`);
    }
  });
});

describe("searching", () => {
  it("works without JavaScript, and shows what was asked as text", async () => {
    const page = await text("/docs/search?q=signed+link");
    expect(page).toContain('href="/docs/access#signed-links"');
    const odd = await text(`/docs/search?q=${encodeURIComponent('"><script>x')}`);
    expect(odd).not.toContain("<script>x");
    expect(odd).toContain("Nothing has all of these words.");
    expect(await text("/docs/search")).not.toContain("Nothing has");
  });
});

describe("what is not there", () => {
  it.each(["/docs/nothing", "/docs/nothing.md", "/docs/usage/more", "/docs/Usage", "/llms-full.txt"])(
    "%s is a page that says so",
    async (path) => {
      const answer = await at(path);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain("There is no such page.");
    },
  );
});
