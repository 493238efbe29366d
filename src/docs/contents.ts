/** The pages in the order in which they are read. Each is `pages/<slug>.md`; its first heading is its title, its first paragraph its summary. */
export const CONTENTS = [
  { title: "Start", slugs: ["quick-start", "concepts"] },
  {
    title: "Agents",
    slugs: ["agents", "openclaw", "hermes", "aider", "claude-code", "browser-use"],
  },
  {
    title: "Use",
    slugs: [
      "lifecycle",
      "commands",
      "access",
      "sleep",
      "bodies",
      "regions",
      "usage",
      "transfer",
      "cloning",
      "audit",
      "isolation",
      "dashboard",
    ],
  },
  { title: "Reference", slugs: ["cli", "api", "errors"] },
  { title: "Run it yourself", slugs: ["local", "self-hosting", "how-it-works", "limits"] },
] as const satisfies readonly { title: string; slugs: readonly string[] }[];

export const SLUGS: readonly string[] = CONTENTS.flatMap(({ slugs }) => [...slugs]);
