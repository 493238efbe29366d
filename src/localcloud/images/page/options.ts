/** What the page tells people. Handed in by whoever knows: the image store, as JSON in one variable. */
export interface Facts {
  /** The agent's name, or the image's where it is nobody's agent. */
  title: string;
  release?: string;
  /** One sentence: what really runs on this machine. */
  runs: string;
  /** Whether that is the software the image names. */
  real: boolean;
  /** Answered like `/healthz`, so that what probes the agent finds it. */
  healthPath?: string;
}

export const FACTS_VARIABLE = "LOCALCLOUD_PAGE";

export interface PageOptions {
  port: number;
  cwd: string;
  /** What the terminal runs. */
  command: string[];
  facts: Facts;
  model?: string;
}

const DEFAULT_PORT = 8080;
const DEFAULT_COMMAND = ["bash", "-l"];

/** ttyd's options that take a value; the page is started in its place and must find where the command begins. */
const WITH_VALUE = new Set(
  [
    "-p",
    "--port",
    "-w",
    "--cwd",
    "-m",
    "--max-clients",
    "-t",
    "--client-option",
    "-T",
    "--terminal-type",
  ].concat(
    [
      "-b",
      "--base-path",
      "-c",
      "--credential",
      "-H",
      "--auth-header",
      "-P",
      "--ping-interval",
      "-s",
      "--signal",
    ],
    [
      "-i",
      "--interface",
      "-u",
      "--uid",
      "-g",
      "--gid",
      "-d",
      "--debug",
      "-f",
      "--srv-buf-size",
      "-I",
      "--index",
    ],
  ),
);

interface Ttyd {
  port?: string;
  cwd?: string;
  command: string[];
}

function parseTtyd(argv: readonly string[]): Ttyd {
  const parsed: Ttyd = { command: [] };
  let at = 0;
  for (; at < argv.length; at += 1) {
    const [name = "", inline] = (argv[at] ?? "").split(/=(.*)/s, 2);
    if (name === "--" || !name.startsWith("-")) break;
    const value = WITH_VALUE.has(name) ? (inline ?? argv[++at]) : undefined;
    if (name === "-p" || name === "--port") parsed.port = value;
    if (name === "-w" || name === "--cwd") parsed.cwd = value;
  }
  parsed.command = argv.slice(argv[at] === "--" ? at + 1 : at);
  return parsed;
}

/** The page's own session survives a closed tab and is shared by all, which is what tmux was there for. */
function withoutTmux(command: readonly string[]): string[] {
  if (command[0] !== "tmux" || !["new-session", "new"].includes(command[1] ?? "")) return [...command];
  let at = 2;
  while (command[at]?.startsWith("-")) at += command[at] === "-s" ? 2 : 1;
  return command.slice(at);
}

function parseFacts(json: string | undefined): Facts {
  const fallback: Facts = { title: "Machine", runs: "A built-in page with a terminal.", real: false };
  try {
    return { ...fallback, ...(JSON.parse(json ?? "{}") as Partial<Facts>) };
  } catch {
    return fallback;
  }
}

function toPort(text: string | undefined): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** Understands ttyd's command line. The machine's own PORT comes after an explicit one. */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
): PageOptions {
  const ttyd = parseTtyd(argv);
  const command = withoutTmux(ttyd.command);
  return {
    port: toPort(ttyd.port) ?? toPort(env.PORT) ?? DEFAULT_PORT,
    cwd: ttyd.cwd ?? directory,
    command: command.length > 0 ? command : DEFAULT_COMMAND,
    facts: parseFacts(env[FACTS_VARIABLE]),
    model: env.GENTITY_MODEL ?? env.ANTHROPIC_MODEL ?? env.AIDER_MODEL,
  };
}
