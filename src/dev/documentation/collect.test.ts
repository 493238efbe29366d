import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isGroup, kebab, type Registry } from "../../cli/command.ts";
import { parse } from "../../cli/program.ts";
import { REGISTRY } from "../../cli/registry.ts";
import { CONTENTS, SLUGS } from "../../docs/contents.ts";
import { newHeadings } from "../../docs/headings.ts";
import { ERRORS } from "../../errors.ts";
import { collectDocumentation } from "./collect.ts";

const pages: Record<string, string> = JSON.parse(await collectDocumentation());
const cli = pages.cli ?? "";

/** Every command with what it takes. */
async function commandsOf(
  registry: Registry,
  at: string[] = [],
): Promise<{ path: string; takes: string[] }[]> {
  const all = await Promise.all(
    Object.entries(registry).map(async ([name, entry]) => {
      const path = [...at, name];
      if (isGroup(entry)) return commandsOf(entry.commands, path);
      const { args = {}, options = {} } = (await entry.load()).default;
      const flags = Object.entries(options).map(
        ([key, { type }]) => `--${type === "switch" ? "no-" : ""}${kebab(key)}`,
      );
      return [{ path: path.join(" "), takes: [...Object.keys(args).map(kebab), ...flags] }];
    }),
  );
  return all.flat();
}

/** The part of a page below one heading. */
function below(heading: string): string {
  const lines = cli
    .slice(cli.indexOf(`# \`${heading}\`\n`))
    .split("\n")
    .slice(1);
  const end = lines.findIndex((line) => /^#{1,4} /.test(line));
  return lines.slice(0, end < 0 ? undefined : end).join("\n");
}

describe("the reference of the command line", () => {
  it("has every command, with every argument and option", async () => {
    const commands = await commandsOf(REGISTRY);
    expect(commands.length).toBeGreaterThan(40);
    const missing = commands.flatMap(({ path, takes }) => {
      if (!cli.includes(`# \`gentity ${path}\`\n`)) return [path];
      const text = below(`gentity ${path}`);
      return takes.filter((each) => !text.includes(each)).map((each) => `${path} ${each}`);
    });
    expect(missing).toEqual([]);
  });

  it("has examples that the command line understands", async () => {
    const examples = [...cli.matchAll(/```sh example\n([\s\S]*?)```/g)].flatMap(([, text = ""]) =>
      text.trim().split("\n"),
    );
    expect(examples.length).toBeGreaterThan(20);
    for (const example of examples) {
      const [, typed] = /(?:^|[|(])\s*gentity ([^<>|)]*)/.exec(example) ?? [];
      if (typed === undefined) throw new Error(`no command in: ${example}`);
      // As a shell takes it apart, as far as the examples go.
      const words = [...typed.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
      const said: string[] = [];
      const output = { out: () => undefined, err: (text: string) => said.push(text) };
      await expect(
        parse(words, output).catch((error) => Promise.reject(new Error(`${example}: ${error} ${said}`))),
      ).resolves.toBeDefined();
    }
  });
});

describe("the pages", () => {
  it("are all in the contents, once", () => {
    expect(Object.keys(pages).sort()).toEqual([...SLUGS].sort());
    expect(new Set(SLUGS).size).toBe(SLUGS.length);
    expect(CONTENTS.map(({ slugs }) => slugs.length)).not.toContain(0);
  });

  it.each(SLUGS)("%s begins with its title and what it is about", (slug) => {
    const [title = "", empty, summary = ""] = (pages[slug] ?? "").split("\n");
    expect(title).toMatch(/^# \S/);
    expect(empty).toBe("");
    expect(summary).toMatch(/^[A-Z].{20,}/);
  });

  it("have all error codes", () => {
    for (const [code, { status, description }] of Object.entries(ERRORS)) {
      expect(pages.errors).toContain(`| \`${code}\` | ${status} | ${description} |`);
    }
  });

  it("name every variable and secret that the configuration names, and no other", () => {
    const root = join(import.meta.dirname, "../../..");
    const read = (file: string) => readFileSync(join(root, file), "utf8");
    const names = (text: string) => new Set(text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g));
    const known = names(
      ["wrangler.toml", "src/env.ts", "src/env-bodies.ts", "src/env-oidc.ts"].map(read).join("\n"),
    );
    const told = names(`${pages["self-hosting"]}\n${pages.bodies}`);
    const bindings = [
      "INSTANCES",
      "FLY_QUEUE",
      "HETZNER_QUEUE",
      "DAYTONA_QUEUE",
      "API_LIMIT",
      "MISS_LIMIT",
      "EDGE_EVENTS",
    ];
    // Where the vendors are is changed by the local cloud alone.
    const isLocal = (name: string) => bindings.includes(name) || /_URL$/.test(name) || /_URL_/.test(name);
    const configured = [...names(read("wrangler.toml"))].filter((name) => !isLocal(name));
    expect(configured.filter((name) => !told.has(name))).toEqual([]);
    const others = ["GENTITY_API_URL", "GENTITY_ADMIN_TOKEN", "GENTITY_TOKEN"];
    expect([...told].filter((name) => !known.has(name) && !others.includes(name))).toEqual([]);
  });

  it("link to nothing that is not there", () => {
    const anchors = new Map(SLUGS.map((slug) => [slug, anchorsOf(pages[slug] ?? "")]));
    const dead = SLUGS.flatMap((slug) =>
      [...(pages[slug] ?? "").matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, href = ""]) => href)
        .filter((href) => !/^(https:|\/openapi\.json$)/.test(href))
        .filter((href) => {
          const [, page = slug, anchor] = /^(?:([a-z-]+)\.md)?(?:#(.+))?$/.exec(href) ?? [];
          // The schemas are in what the Worker writes.
          return !anchors.has(page) || (anchor !== undefined && !anchors.get(page)?.includes(anchor));
        })
        .map((href) => `${slug}: ${href}`),
    );
    expect(dead).toEqual([]);
  });
});

function anchorsOf(markdown: string): string[] {
  const headings = newHeadings();
  const text = markdown.replaceAll(/^```[\s\S]*?^```/gm, "");
  for (const [, marks = "", words = ""] of text.matchAll(/^(#{1,6}) (.+)$/gm))
    headings.take(marks.length, words);
  return headings.all.map(({ id }) => id);
}
