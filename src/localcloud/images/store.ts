import { join } from "node:path";
import { exactVersion, parseReference, type Reference } from "../../docker-engine-client/reference.ts";
import type { ImageStore, ResolvedImage } from "./image.ts";
import { findKnownAgent, type KnownAgent } from "./known-agents.ts";
import { npmAgentImage } from "./npm-agent.ts";
import { NpmCache, type Progress } from "./npm-cache.ts";
import type { RunNpm } from "./npm-run.ts";
import { customImage, standInImage } from "./page-image.ts";
import { isProbe, probeImage } from "./probe.ts";

export interface ImageStoreOptions {
  /** A folder of the store's own that outlives machines: what was installed once is installed. */
  cacheDir: string;
  runNpm?: RunNpm;
}

/** The real agent where it can be had, else the built-in page, which says so. Never fails: a machine always gets something. */
export function createImageStore({ cacheDir, runNpm }: ImageStoreOptions): ImageStore {
  const cache = new NpmCache(join(cacheDir, "npm"), runNpm);
  return {
    async resolve(ref, { progress }) {
      if (isProbe(ref)) return probeImage();
      const reference = parseReference(ref);
      const agent = findKnownAgent(reference);
      const image = agent
        ? await agentImage(agent, reference, { cache, progress })
        : customImage({
            title: reference.repository.split("/").at(-1) ?? reference.repository,
            release: reference.tag,
            runs: "This computer's own programs: images are not pulled here.",
            real: false,
          });
      progress(`running: ${image.description}`);
      return image;
    },
  };
}

async function agentImage(
  agent: KnownAgent,
  reference: Reference,
  { cache, progress }: { cache: NpmCache; progress: Progress },
): Promise<ResolvedImage> {
  const standIn = (reason: string): ResolvedImage =>
    standInImage({
      title: agent.title,
      release: reference.tag,
      runs: `A built-in page, not ${agent.title}: ${reason}.`,
      real: false,
      healthPath: agent.healthPath,
    });
  if (!agent.npm) return standIn("it cannot be installed from npm");
  const version = exactVersion(reference);
  if (!version) return standIn(`"${reference.tag ?? reference.digest ?? "latest"}" does not name a version`);
  try {
    return await npmAgentImage({ agent: { ...agent, npm: agent.npm }, version }, cache, progress);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    progress(`${agent.title} ${version} could not be installed: ${reason}`);
    return standIn(reason);
  }
}
