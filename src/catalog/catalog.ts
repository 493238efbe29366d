import type { Agent, Release } from "./agent.ts";
import { aider } from "./agents/aider.ts";
import { browserUse } from "./agents/browser-use.ts";
import { claudeCode } from "./agents/claude-code.ts";
import { hermes } from "./agents/hermes.ts";
import { openclaw } from "./agents/openclaw.ts";

const AGENTS: readonly Agent[] = [openclaw, hermes, aider, claudeCode, browserUse];

export function listAgents(): readonly Agent[] {
  return AGENTS;
}

export function findAgent(id: string): Agent | undefined {
  return AGENTS.find((agent) => agent.id === id);
}

export function findRelease(agent: Agent, release: string): Release | undefined {
  return agent.releases.find((candidate) => candidate.release === release);
}

export function currentRelease(agent: Agent): Release {
  return agent.releases.at(-1) ?? agent.releases[0];
}

/** `repository@sha256:…` where a digest is known, else `repository:tag`. */
export function imageRef({ image }: Release): string {
  return image.digest ? `${image.repository}@${image.digest}` : `${image.repository}:${image.tag}`;
}
