import { type Engine, unlessGone } from "../../../docker-engine-client/engine.ts";
import { type PullEvent, PullProgress } from "../../../docker-engine-client/pull-progress.ts";
import { parseReference } from "../../../docker-engine-client/reference.ts";
import type { ResolvedImage } from "../../images/image.ts";

type Tell = (line: string) => void;

const HEARTBEAT_MS = 3_000;
/** A registry that says nothing for so long is not there. */
const SILENCE_MS = 60_000;

interface ImageView {
  Id: string;
  Config: { Entrypoint?: string[] | null; Cmd?: string[] | null };
}

/** The images of an engine, as machines run them. */
export class DockerImages {
  private readonly engine: Engine;
  private readonly pulls: boolean;

  /** @param pulls whether to get an image that is not there. They are heavy, so somebody must have asked for it. */
  constructor(engine: Engine, { pulls }: { pulls: boolean }) {
    this.engine = engine;
    this.pulls = pulls;
  }

  /** Nothing, where the engine does not have it and cannot get it: the reason is told. */
  async resolve(ref: string, tell: Tell): Promise<ResolvedImage | undefined> {
    try {
      const image = (await this.inspect(ref)) ?? (await this.pulled(ref, tell));
      if (!image) return undefined;
      const resolved = resolvedImage(ref, image);
      tell(`running: ${resolved.description}`);
      return resolved;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tell(`Docker cannot run ${ref}: ${reason}. Going on without Docker.`);
      return undefined;
    }
  }

  private inspect(ref: string): Promise<ImageView | undefined> {
    return unlessGone(this.engine.call<ImageView>("GET", `/images/${ref}/json`));
  }

  private async pulled(ref: string, tell: Tell): Promise<ImageView | undefined> {
    if (!this.pulls) {
      tell(
        `Docker does not have ${ref}, and pulls only if asked to (--runtime docker). Going on without it.`,
      );
      return undefined;
    }
    await this.pull(ref, tell);
    const image = await this.inspect(ref);
    if (!image) throw new Error("it was pulled and is not there");
    return image;
  }

  private async pull(ref: string, tell: Tell): Promise<void> {
    const { repository, tag = "latest", digest } = parseReference(ref);
    const progress = new PullProgress();
    const startedAt = Date.now();
    const seconds = () => Math.round((Date.now() - startedAt) / 1000);
    tell(`pulling ${ref} …`);
    const heartbeat = setInterval(
      () => tell(`pulling ${ref} … ${progress.summary()}, ${seconds()} s`),
      HEARTBEAT_MS,
    );
    try {
      const query = { fromImage: repository, tag: digest ?? tag };
      const events = this.engine.follow<PullEvent>("POST", "/images/create", {
        query,
        silenceMs: SILENCE_MS,
      });
      for await (const event of events) {
        if (event.error) throw new Error(event.error);
        progress.add(event);
      }
    } finally {
      clearInterval(heartbeat);
    }
    tell(`pulled ${ref} in ${seconds()} s`);
  }
}

function resolvedImage(ref: string, { Id, Config }: ImageView): ResolvedImage {
  return {
    description: `The real image ${ref} (${Id.replace(/^sha256:/, "").slice(0, 12)}), in Docker.`,
    real: true,
    entrypoint: Config.Entrypoint ?? [],
    cmd: Config.Cmd ?? [],
    // Its environment, user and working directory are the engine's business.
    env: {},
    binds: [],
    engineImage: Id,
  };
}
