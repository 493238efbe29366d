import { answerKept, keepPage } from "../docs/kept.ts";
import { PublicFrame } from "../layout/public-frame.tsx";
import { newPages } from "../route.ts";

const AGENTS = [
  ["OpenClaw", "openclaw", "a personal assistant with its own control page"],
  ["Hermes", "hermes", "remembers, learns skills, keeps schedules"],
  ["Aider", "aider", "edits the code in a git repository"],
  ["Claude Code", "claude-code", "Anthropic's coding agent in a web terminal"],
  ["browser-use", "browser-use", "drives a real browser"],
] as const;

const FACTS = [
  [
    "Its own computer",
    "One machine for each agent, at Fly or Hetzner, with a disk that outlives a stop. No kernel, no files, no network shared with another.",
  ],
  [
    "Its own address",
    "A URL with eight random characters, over TLS, with WebSockets. Whoever has it may use the agent; if that is too little, ask for a token or a signed link as well.",
  ],
  [
    "A meter",
    "Running and paused, to the millisecond. Costs are estimates by the vendors' list prices, always say so, and are debited from nobody.",
  ],
  [
    "A record",
    "Every change is an event in a chain of hashes, signed daily. Anybody can recompute it; your browser does, when you ask.",
  ],
] as const;

/** As it comes out of the command line, of an instance that never was. */
const SHOWN = [
  ["$ gentity compute create --agent claude-code \\", true],
  ["    --model claude-sonnet-5-5", true],
  ["id         cmp01k5x3w8t7v9q2r4s6y8z0a1b2", false],
  ["subdomain  cl-x7k2m9q4", false],
  ["status     ● running", false],
  ["url        https://cl-x7k2m9q4.gentity.ai/", false],
  ["$ gentity compute exec cl-x7k2m9q4 -- npm test", true],
  ["$ gentity compute suspend cl-x7k2m9q4", true],
] as const;

/** What this is, in ten seconds. The same for everybody: who is signed in goes straight on to the dashboard. */
function Landing() {
  return (
    <PublicFrame title="Every agent its own computer" styles={["landing.css"]}>
      <main id="content" tabindex={-1} class="landing">
        <section class="hero">
          <div>
            <h1>Give every AI agent its own computer</h1>
            <p class="lead">
              One command, and a few seconds later a dedicated machine runs the agent: with its own disk, its
              own secret URL, a shell, a meter that tells when it worked, and a record of everything that ever
              happened to it.
            </p>
            <p class="actions">
              <a class="button main" href="/dashboard">
                Sign in
              </a>
              <a class="button" href="/docs/quick-start">
                Quick start
              </a>
            </p>
          </div>
          <pre class="shown" tabindex={0}>
            {SHOWN.map(([line, isTyped]) => (
              <span class={isTyped ? "typed" : undefined}>{`${line}\n`}</span>
            ))}
          </pre>
        </section>
        <section aria-labelledby="agents">
          <h2 id="agents">Five agents</h2>
          <ul class="agents">
            {AGENTS.map(([name, slug, what]) => (
              <li>
                <a href={`/docs/${slug}`}>{name}</a>
                <span>{what}</span>
              </li>
            ))}
          </ul>
          <p class="quiet">
            Bring your own model key: it goes into the agent's machine, and prompts go from there straight to
            the model's provider.
          </p>
        </section>
        <section aria-labelledby="facts">
          <h2 id="facts">What each one has</h2>
          <div class="facts">
            {FACTS.map(([title, text]) => (
              <article>
                <h3>{title}</h3>
                <p>{text}</p>
              </article>
            ))}
          </div>
        </section>
        <section aria-labelledby="honest">
          <h2 id="honest">What it is not</h2>
          <p>
            Not a cluster, and not a proxy for your model calls. Disks are encrypted with the vendors' keys,
            not yours, and agents may reach the whole internet. <a href="/docs/limits">What is not done</a>{" "}
            says the rest.
          </p>
        </section>
      </main>
    </PublicFrame>
  );
}

const landing = keepPage(() => <Landing />);

export const landingPages = newPages().get("/", async (c) => answerKept(c, await landing()));
