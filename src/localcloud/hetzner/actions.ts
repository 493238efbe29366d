import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import { locked, notFound } from "./errors.ts";
import type { ActionRecord, ResourceType } from "./records.ts";
import type { HetznerState } from "./state.ts";

/** Nothing the vendor does is over at once: whoever does not wait must be seen not to. */
const SHORTEST_MS = 60;

export interface Fate {
  stuck?: boolean;
}

export interface ActionWork {
  command: string;
  resources: ActionRecord["resources"];
  work(): Promise<void> | void;
}

/** What was set going, how far it has come, and how it ended. */
export class Actions {
  private readonly state: HetznerState;
  private readonly log: Log;
  private readonly underWay = new Set<Promise<void>>();

  constructor(state: HetznerState, log: Log) {
    this.state = state;
    this.log = log;
  }

  get(id: number): ActionRecord {
    const action = this.state.actions.get(id);
    if (!action) throw notFound("action", id);
    return action;
  }

  /** Whoever changes a thing must be the only one. What is stuck holds up everything but its end. */
  check(type: ResourceType, id: number, { isEnd = false } = {}): void {
    const running = this.state.actionsOf(type, id).filter(({ status }) => status === "running");
    if (running.some(({ isStuck }) => !(isEnd && isStuck))) throw locked(type);
  }

  isLocked(type: ResourceType, id: number): boolean {
    return this.state.actionsOf(type, id).some(({ status }) => status === "running");
  }

  /** All are there at once; each is done when those before it are. A stuck one is, with those after it, never over. */
  run(works: readonly ActionWork[], fate: Fate = {}): ActionRecord[] {
    const actions = works.map(({ command, resources }) => this.add(command, resources, fate));
    if (!fate.stuck) this.follow(this.inTurn(works, actions));
    return actions;
  }

  /** Done already: nothing of it takes time. */
  done(command: string, resources: ActionRecord["resources"]): ActionRecord {
    const action = this.add(command, resources, {});
    this.finish(action, undefined);
    return action;
  }

  /** What was under way when the program ended: nobody will finish it. */
  recover(): void {
    for (const action of this.state.actions.values()) {
      if (action.status === "running" && !action.isStuck) this.finish(action, undefined);
    }
  }

  /** Of something that is gone. */
  end(type: ResourceType, id: number): void {
    for (const action of this.state.actionsOf(type, id)) {
      if (action.status === "running" && action.isStuck) this.finish(action, "the resource is gone");
    }
  }

  async close(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private follow(work: Promise<void>): void {
    const tracked = work.finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
  }

  private async inTurn(works: readonly ActionWork[], actions: readonly ActionRecord[]): Promise<void> {
    let failure: string | undefined;
    for (const [index, { work }] of works.entries()) {
      const action = actions[index];
      if (!action) continue;
      await sleep(SHORTEST_MS);
      try {
        if (failure === undefined) await work();
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        this.log("hetzner.action.failed", { action: action.id, command: action.command, reason: failure });
      }
      this.finish(action, failure);
    }
  }

  private add(command: string, resources: ActionRecord["resources"], { stuck }: Fate): ActionRecord {
    const action: ActionRecord = {
      id: this.state.newId(),
      command,
      status: "running",
      progress: 0,
      started: new Date().toISOString(),
      finished: null,
      resources,
      error: null,
      ...(stuck ? { isStuck: true } : {}),
    };
    this.state.actions.set(action.id, action);
    this.state.changed();
    return action;
  }

  private finish(action: ActionRecord, failure: string | undefined): void {
    action.status = failure === undefined ? "success" : "error";
    action.progress = 100;
    action.finished = new Date().toISOString();
    action.error = failure === undefined ? null : { code: "action_failed", message: failure };
    this.state.changed();
  }
}
