import { EventEmitter } from "node:events";
import { newEventId } from "../ids.ts";
import type { EventRecord, MachineRecord } from "../records.ts";
import { type MachineState, mayMove } from "../states.ts";
import type { EngineContext } from "./context.ts";

const REMEMBERED_EVENTS = 50;

export type NewEvent = Omit<EventRecord, "id" | "timestamp">;

/** The only writer of a machine's state: every move is checked against the table, kept, told, and logged. */
export class Journal extends EventEmitter<{ state: [state: string, event: EventRecord | undefined] }> {
  readonly record: MachineRecord;
  private readonly context: EngineContext;

  constructor(context: EngineContext, record: MachineRecord) {
    super();
    // One listener for each request that waits.
    this.setMaxListeners(0);
    this.context = context;
    this.record = record;
  }

  mayMove(to: MachineState): boolean {
    return mayMove(this.record.state, to);
  }

  move(to: MachineState, event?: NewEvent): void {
    const { state, id } = this.record;
    if (!mayMove(state, to)) throw new Error(`machine ${id} cannot go from ${state} to ${to}`);
    this.set(to, event);
  }

  /** For what stands above the table: a restart of the host, a delete, an ordered fault. */
  set(to: string, event?: NewEvent): void {
    const { id, app } = this.record;
    this.record.state = to;
    const noted = event && this.note(event);
    this.changed();
    this.context.log("machine.state", { machine: id, app, state: to });
    this.emit("state", to, noted);
  }

  note(event: NewEvent): EventRecord {
    const noted = { id: newEventId(), timestamp: Date.now(), ...event };
    this.record.events = [noted, ...this.record.events].slice(0, REMEMBERED_EVENTS);
    this.changed();
    return noted;
  }

  /** A line in the machine's log. `runner` is the vendor's own voice. */
  say(message: string, provider: "app" | "runner" = "runner"): void {
    const { app, id, region } = this.record;
    this.context.logs.add(app, { message, level: "info", instance: id, region, provider });
  }

  private changed(): void {
    this.record.updatedAt = new Date().toISOString();
    this.context.state.changed();
  }
}
