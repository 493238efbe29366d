import type { Reference } from "../../docker-engine-client/reference.ts";

/** An agent that its image's name gives away. */
export interface KnownAgent {
  title: string;
  /** The last parts of its image's repository. */
  repository: RegExp;
  /** Where its machines are probed; what stands in for it answers there too. */
  healthPath: string;
  /** Its package, where it can be installed from npm. */
  npm?: "openclaw" | "@anthropic-ai/claude-code";
}

const KNOWN: readonly KnownAgent[] = [
  { title: "OpenClaw", repository: /(^|\/)openclaw$/, healthPath: "/healthz", npm: "openclaw" },
  {
    title: "Claude Code",
    repository: /(^|[/-])claude-code$/,
    healthPath: "/",
    npm: "@anthropic-ai/claude-code",
  },
  { title: "Hermes", repository: /(^|\/)hermes-agent$/, healthPath: "/api/status" },
  { title: "Aider", repository: /(^|\/)aider(-full)?$/, healthPath: "/_stcore/health" },
  { title: "browser-use", repository: /(^|\/)browser-use\/web-ui$|(^|\/)browser-?use$/, healthPath: "/" },
];

export function findKnownAgent({ repository }: Reference): KnownAgent | undefined {
  return KNOWN.find((agent) => agent.repository.test(repository));
}
