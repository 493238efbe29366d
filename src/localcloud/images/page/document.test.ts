import { describe, expect, it } from "vitest";
import { pageDocument } from "./document.ts";

const options = {
  port: 1,
  cwd: "/",
  command: ["bash", "-l"],
  facts: { title: "Aider", release: "0.86.2", runs: "A built-in page, not Aider.", real: false },
  model: "anthropic/claude-sonnet-4-6",
};

describe("the page", () => {
  it("says which agent, model and release this is and what really runs, without JavaScript", () => {
    const page = pageDocument(options);
    for (const text of [
      "<h1>Aider</h1>",
      "anthropic/claude-sonnet-4-6",
      "0.86.2",
      "A built-in page, not Aider.",
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain("<noscript>");
  });

  it("loads nothing from elsewhere and holds no script of its own", () => {
    const page = pageDocument(options);
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
    expect(loaded.filter((url) => !/^(\/assets\/|#|data:)/.test(url ?? ""))).toEqual([]);
    expect(page).not.toMatch(/<script(?![^>]*src=)/);
  });

  it("escapes whatever it is told", () => {
    const hostile = `<img src=x onerror=alert(1)>"'&`;
    const page = pageDocument({
      ...options,
      model: hostile,
      command: [hostile],
      facts: { title: hostile, release: hostile, runs: hostile, real: true },
    });
    expect(page).not.toContain("<img");
    expect(page.split("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;")).toHaveLength(7);
  });
});
