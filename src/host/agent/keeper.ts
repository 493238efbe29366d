import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs } from "../../backoff.ts";
import { deferred } from "../../docker-engine-client/deferred.ts";
import type { Engine } from "../../docker-engine-client/engine.ts";
import { tarOf } from "../../docker-engine-client/tar.ts";
import type { HostConfig } from "../config.ts";
import type { Log } from "../log-shipper.ts";
import { type AgentReport, type Assigned, type Assignment, isSameAssigned } from "../protocol.ts";
import { containerBody, forPeople, recipeIdOf, stagedFiles } from "./container.ts";
import { AgentEngine, type ContainerView, recipeIdIn } from "./engine.ts";
import { ensureImage } from "./image.ts";
import { followOutput, type OutputSink } from "./output.ts";

type Running = Extract<Assignment, { desired: "running" }>;

/** An agent that ran for so long was up: its end is a first one again. */
const STEADY_MS = 60_000;
const MAX_EXITS = 5;
const MAX_PAUSE_MS = 30_000;
const DRAIN_MS = 3_000;

export interface KeeperOptions {
  config: HostConfig;
  dockerHost: string | undefined;
  output: OutputSink;
  log: Log;
  /** What there is to report has changed. */
  onChange: () => void;
}

/**
 * Keeps the agent's container as the control plane wants it. What runs is left alone, also when this program starts anew, and
 * until its next start also when a newer recipe has come; nothing is started before the control plane was heard.
 */
export class AgentKeeper {
  private readonly options: KeeperOptions;
  private readonly docker: AgentEngine;
  private assignment: Assignment | undefined;
  private changed = deferred<void>();
  private current: AgentReport | null = null;
  private containerId: string | undefined;
  /** What was started, while its end was not told: one that ends at once is never seen running. */
  private begun: string | undefined;
  /** Whose output is being read. */
  private followed: { id: string; done: Promise<void>; isDone: boolean } | undefined;
  private exits = 0;
  private failures = 0;

  constructor(options: KeeperOptions) {
    this.options = options;
    this.docker = new AgentEngine(options.dockerHost);
  }

  get report(): AgentReport | null {
    return this.current;
  }

  get assigned(): Assigned | null {
    const { assignment } = this;
    return assignment ? { generation: assignment.generation, desired: assignment.desired } : null;
  }

  /** The agent's container while it runs. */
  async running(): Promise<{ engine: Engine; container: string } | undefined> {
    const container = this.containerId;
    return container === undefined ? undefined : { engine: await this.docker.engine(), container };
  }

  /** The same again changes nothing but the settings for the next start. */
  assign(assignment: Assignment): void {
    const isNews = !isSameAssigned(this.assigned, assignment);
    this.assignment = assignment;
    if (!isNews) return;
    this.exits = 0;
    if (assignment.desired === "running" && this.current?.state !== "running") this.tell("preparing");
    this.changed.resolve();
    this.changed = deferred();
  }

  /** The agent has ended in an orderly way, and is not started again before the next assignment. */
  async quiesce(): Promise<void> {
    this.assign({ desired: "stopped", generation: this.assignment?.generation ?? 0 });
    await this.end();
    await Promise.race([this.followed?.done, sleep(DRAIN_MS)]);
  }

  async run(): Promise<never> {
    for (;;) {
      const { assignment } = this;
      const changed = this.changed.promise;
      try {
        await this.step(assignment, changed);
        this.failures = 0;
      } catch (error) {
        await this.fail(error as Error, changed);
      }
    }
  }

  /** One round; ends when something is to be looked at again. */
  private async step(assignment: Assignment | undefined, changed: Promise<void>): Promise<void> {
    if (assignment?.desired === "stopped") {
      await this.end();
      await changed;
      return;
    }
    const view = await this.docker.inspect();
    if (view?.State.Running) {
      await this.watch(view, changed);
      return;
    }
    this.containerId = undefined;
    if (view && view.Id === this.begun) {
      await this.ended(view, changed);
      return;
    }
    if (!assignment || this.hasEnded) {
      await changed;
      return;
    }
    await this.start(assignment, view);
  }

  private get hasEnded(): boolean {
    return this.current?.state === "exited";
  }

  private async start(assignment: Running, view: ContainerView | undefined): Promise<void> {
    const { config, log } = this.options;
    const { recipe, spec } = assignment;
    const recipeId = recipeIdOf(recipe);
    this.tell("preparing", { recipeId });
    let id = view?.Id;
    if (view && recipeIdIn(view) !== recipeId) {
      await this.docker.remove(view.Id);
      id = undefined;
    }
    if (id === undefined) {
      await this.checkVolume();
      await mkdir(config.dataDir, { recursive: true });
      const tell = (note: string) => this.tell("preparing", { recipeId, note });
      await ensureImage(await this.docker.engine(), recipe.image, tell);
      const placing = { instanceId: config.instanceId, dataDir: config.dataDir, memoryMb: spec.memoryMb };
      id = await this.docker.create(containerBody(recipe, placing));
      const files = stagedFiles(recipe);
      if (files.length > 0) await this.docker.writeFiles(id, tarOf(files));
    }
    if (this.assignment !== assignment) return;
    await this.docker.start(id);
    this.begun = id;
    log("info", `the agent was started (${recipeId})`);
  }

  /** Without it the data would be written to the server's own disk, and the next start would find an empty volume. */
  private async checkVolume(): Promise<void> {
    const { volume, mountDir, isFolder } = this.options.config;
    if (volume === null || isFolder) return;
    const [mounted, around] = await Promise.all([stat(mountDir), stat(dirname(mountDir))]);
    if (mounted.dev === around.dev) throw new Error("the volume is not mounted");
  }

  /** While it runs. */
  private async watch(view: ContainerView, changed: Promise<void>): Promise<void> {
    const { Id: id, State } = view;
    const since = Date.parse(State.StartedAt) || Date.now();
    this.containerId = id;
    this.begun = id;
    await this.follow(id);
    this.tell("running", { recipeId: recipeIdIn(view), since });
    const ended = this.docker.wait(id);
    // Nobody waits for it any more once something else is wanted.
    ended.catch(() => {});
    await Promise.race([ended, changed]);
  }

  private async ended(view: ContainerView, changed: Promise<void>): Promise<void> {
    const { ExitCode: exitCode, OOMKilled: isOutOfMemory } = view.State;
    const recipeId = recipeIdIn(view);
    this.begun = undefined;
    await this.readRest(view.Id);
    this.exits = runTimeMs(view.State) > STEADY_MS ? 1 : this.exits + 1;
    const how = isOutOfMemory ? "ran out of memory" : `ended with code ${exitCode}`;
    this.options.log(exitCode === 0 ? "info" : "warn", `the agent ${how}`);
    const isOver = exitCode === 0 || this.exits >= MAX_EXITS;
    const note =
      isOver && exitCode !== 0 ? `the agent ${how}, ${this.exits} times in a row` : `the agent ${how}`;
    this.tell(isOver ? "exited" : "preparing", { recipeId, note, exitCode });
    if (!isOver) await Promise.race([sleep(backoffMs(this.exits, MAX_PAUSE_MS, Math.random())), changed]);
  }

  private async end(): Promise<void> {
    const view = await this.docker.inspect();
    if (view?.State.Running) {
      this.options.log("info", "the agent is asked to end");
      await this.docker.stop(view.Id);
    }
    this.containerId = undefined;
    this.begun = undefined;
    if (this.current?.state !== "stopped") this.tell("stopped");
  }

  private async follow(id: string): Promise<void> {
    if (this.followed?.id === id && !this.followed.isDone) return;
    const engine = await this.docker.engine();
    const done = followOutput(engine, id, this.options.output, () => this.containerId !== id);
    const followed = { id, done, isDone: false };
    this.followed = followed;
    void done.then(() => {
      followed.isDone = true;
    });
  }

  /** One that ended at once was never followed, or only a run of it before. */
  private async readRest(id: string): Promise<void> {
    await Promise.race([this.followed?.done, sleep(DRAIN_MS)]);
    await this.follow(id);
  }

  private async fail(error: Error, changed: Promise<void>): Promise<void> {
    this.failures++;
    const recipe = this.assignment?.desired === "running" ? this.assignment.recipe : undefined;
    const note = forPeople(error.message, recipe);
    this.options.log("warn", note);
    if (this.assignment) this.tell("preparing", { recipeId: this.current?.recipeId, note });
    await Promise.race([sleep(backoffMs(this.failures, MAX_PAUSE_MS, Math.random())), changed]);
  }

  private tell(state: AgentReport["state"], more: Omit<Partial<AgentReport>, "state"> = {}): void {
    const since = this.current?.state === state ? this.current.since : Date.now();
    const next: AgentReport = { state, since, ...more };
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.current = next;
    this.options.onChange();
  }
}

/** How long it ran, by the engine's own clock. */
function runTimeMs({ StartedAt, FinishedAt }: ContainerView["State"]): number {
  return Math.max(0, Date.parse(FinishedAt) - Date.parse(StartedAt)) || 0;
}
