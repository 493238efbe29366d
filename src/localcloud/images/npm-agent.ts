import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ResolvedImage } from "./image.ts";
import { byPath, CLAUDE_CODE, imageBinds, NPM, pathWith, TINI, TTYD } from "./inside.ts";
import type { KnownAgent } from "./known-agents.ts";
import type { NpmCache, Progress } from "./npm-cache.ts";
import { FACTS_VARIABLE } from "./page/options.ts";

export interface NpmAgent {
  agent: KnownAgent & { npm: NonNullable<KnownAgent["npm"]> };
  version: string;
}

/** Installs the agent if need be. @throws Error when it cannot be had. */
export async function npmAgentImage(
  { agent, version }: NpmAgent,
  cache: NpmCache,
  progress: Progress,
): Promise<ResolvedImage> {
  const folder = await cache.install(agent.npm, version, progress);
  const description = `The real ${agent.title} ${version}, from npm.`;
  switch (agent.npm) {
    case "openclaw":
      return openclaw(folder, description);
    case "@anthropic-ai/claude-code":
      return claudeCode({ program: await claudeFolder(folder), description, agent, version });
    default:
      return agent.npm satisfies never;
  }
}

/** Its image has it under /app, where its commands expect it. */
function openclaw(folder: string, description: string): ResolvedImage {
  return {
    description,
    real: true,
    entrypoint: [],
    cmd: ["node", "openclaw.mjs", "gateway"],
    env: { PATH: pathWith(`${NPM}/node_modules/.bin`) },
    workdir: `${NPM}/node_modules/openclaw`,
    binds: [...imageBinds(), { from: folder, to: NPM }],
    symlinks: [{ path: "/app", target: `.${NPM}/node_modules/openclaw` }],
    bundledCommand: byPath({ tini: TINI }),
  };
}

interface Claude extends NpmAgent {
  /** The folder that holds the program. */
  program: string;
  description: string;
}

function claudeCode({ program, description, agent, version }: Claude): ResolvedImage {
  const claude = `${CLAUDE_CODE}/claude`;
  const facts = { title: agent.title, release: version, runs: description, real: true };
  return {
    description,
    real: true,
    entrypoint: [],
    cmd: [TTYD, claude],
    env: { [FACTS_VARIABLE]: JSON.stringify(facts), PATH: pathWith(CLAUDE_CODE) },
    binds: [...imageBinds(), { from: program, to: CLAUDE_CODE }],
    bundledCommand: byPath({ tini: TINI, ttyd: TTYD, claude }),
  };
}

/** The program itself comes as a package per platform, of which npm installs the one that fits. */
async function claudeFolder(folder: string): Promise<string> {
  const scope = join(folder, "node_modules", "@anthropic-ai");
  const platform = (await readdir(scope)).find((name) => name.startsWith("claude-code-"));
  if (!platform) throw new Error("Claude Code has no package for this platform");
  await access(join(scope, platform, "claude"));
  return join(scope, platform);
}
