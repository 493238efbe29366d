import { describe, expect, it } from "vitest";
import { writeApiReference } from "./api-reference.ts";
import { SLUGS } from "./contents.ts";
import { openLibrary, writeLlmsTxt } from "./library.ts";
import { renderMarkdown } from "./render.ts";
import { search, sectionsOf } from "./search.ts";

const text = (slug: string) =>
  slug === "api"
    ? "# API\n\nThe API.\n\n<!-- made: api -->\n"
    : `# Page \`${slug}\`\n\nAbout [${slug}](${slug}.md),\nin two lines.\n\n## Waking up\n\nIt wakes ${slug}.\n\n\`\`\`sh\n# not a heading\n\`\`\`\n`;
const collected = JSON.stringify(Object.fromEntries(SLUGS.map((slug) => [slug, text(slug)])));
const document = {
  paths: {
    "/api/things/{id}": {
      post: {
        operationId: "makeThing",
        summary: "Make a thing",
        tags: ["things"],
        security: [{ token: [] }],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        requestBody: {
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["name"],
                properties: {
                  name: { type: "string", description: "a | b" },
                  spec: { type: "object", properties: { cpus: { type: "integer", minimum: 1 } } },
                },
              },
            },
          },
        },
        responses: {
          200: {
            description: "Made.",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
          },
          404: { description: "`not_found`: There is none.\n\n`ambiguous`: There are two." },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: { type: "object", properties: { at: { type: ["string", "null"], format: "date-time" } } },
    },
  },
};
const library = openLibrary(collected, () => document);

describe("Markdown", () => {
  it("becomes headings that can be linked to, each by a name of its own", () => {
    const { html, headings } = renderMarkdown(
      "# A *b*\n\n## Same `x`\n\n## Same x\n\n## Named {#its-name}\n",
    );
    expect(headings.map(({ id, text }) => [id, text])).toEqual([
      ["a-b", "A b"],
      ["same-x", "Same x"],
      ["same-x-2", "Same x"],
      ["its-name", "Named"],
    ]);
    expect(html).toContain('<h2 id="its-name">Named <a class="anchor" href="#its-name"');
    expect(html).toContain("<code>x</code>");
  });

  it("links to other pages where they are served, and knows what is elsewhere", () => {
    const { html } = renderMarkdown("[a](usage.md#states) [b](https://example.com/a.md) [c](#here)");
    expect(html).toContain('<a href="/docs/usage#states">');
    expect(html).toContain('<a href="https://example.com/a.md" rel="noreferrer">');
    expect(html).toContain('<a href="#here">');
  });

  it("runs nothing and styles nothing", () => {
    const { html } = renderMarkdown(
      'A <id> <script>alert(1)</script> <b style="x">.\n\n| a | b |\n|:-:|---|\n| <id> | `<i>` |\n\n```sh no-run: why\n<x>\n```\n',
    );
    expect(html).not.toMatch(/<script|<id>|<b|<i>|<x>|why/);
    expect(html).toContain('<th scope="col">a</th>');
    expect(html).toContain("&lt;id&gt;");
  });
});

describe("the library", () => {
  it("knows each page's title and summary", () => {
    expect(library.get("usage")).toMatchObject({
      section: "Use",
      title: "Page usage",
      summary: "About usage, in two lines.",
    });
  });

  it("lists them for programs, with whole addresses", () => {
    const listed = writeLlmsTxt(library, "https://gentity.test");
    expect(listed).toMatch(/^# Gentity Compute\n\n> /);
    expect(listed).toContain(
      "- [Page usage](https://gentity.test/docs/usage.md): About usage, in two lines.",
    );
  });
});

describe("the reference of the API", () => {
  const reference = writeApiReference(document);

  it("has what an operation takes, answers and refuses", () => {
    expect(reference).toContain("### `POST /api/things/{id}` {#makeThing}");
    expect(reference).toContain("| `name` | string | a \\| b |");
    expect(reference).toContain(
      "| `spec` | object, optional |  |\n| `spec.cpus` | integer (from 1), optional |  |",
    );
    expect(reference).toContain("| 200 | Made. | [Thing](#schema-Thing) |");
    expect(reference).toContain("[Errors](errors.md): 404 `not_found`, `ambiguous`.");
    expect(reference).toContain("### Thing {#schema-Thing}");
    expect(reference).toContain("| `at` | time or null, optional |  |");
  });
});

describe("searching", () => {
  const sections = sectionsOf(library);

  it("finds the sections that have every word, by where they are", () => {
    const [first, ...others] = search(sections, "  WAKING usage ");
    expect(first).toMatchObject({
      title: "Page usage",
      heading: "Waking up",
      path: "/docs/usage#waking-up",
      excerpt: expect.stringMatching(/^It wakes usage\./),
    });
    expect(others).toEqual([]);
  });

  it("finds nothing for nothing, and nothing that is not there", () => {
    expect(search(sections, " ")).toEqual([]);
    expect(search(sections, "waking xylophone")).toEqual([]);
    expect(sections.map(({ heading }) => heading)).not.toContain("not a heading");
  });
});
