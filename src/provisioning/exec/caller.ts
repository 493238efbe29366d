/** Calls of a vendor's exec that may be refused, cut short or lost, made again until there is an answer to read. */
import type { ExecRequest, ExecResult, Outcome } from "../../providers/provider.ts";

export interface Clock {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export type VendorExec = (request: ExecRequest) => Promise<Outcome<ExecResult>>;

const CHUNK_BYTES = 256 * 1024;
/** A vendor that cuts answers shorter than this is beyond help. */
const MIN_CHUNK_BYTES = 4 * 1024;
/**
 * How long the vendor may fail before a command is given up as lost. Well below the five minutes for which the machine
 * remembers a command whose result it has handed out.
 */
const PATIENCE_MS = 90_000;
const BACKOFF_MS = { first: 200, most: 3_000 };
/** After a rate limit, calls keep this distance, which shrinks again as they succeed. */
const PACE_MS = { first: 250, most: 1_200 };
const PACE_DECAY = 0.8;

export class Caller {
  /** How much output one answer may carry; less after one that was cut short. */
  limit = CHUNK_BYTES;
  private readonly exec: VendorExec;
  private readonly clock: Clock;
  private paceMs = 0;
  private nextCallAt = 0;

  constructor(exec: VendorExec, clock: Clock) {
    this.exec = exec;
    this.clock = clock;
  }

  /**
   * Until there is an answer to read, or a refusal, or patience ends. Every request must bear being made again. Where the
   * request has an effect, a refusal after a lost answer is `unknown`. Ends early once its answer is no longer wanted.
   */
  async attempt<T>(
    build: () => ExecRequest,
    parse: (stdout: string) => T | undefined,
    { hasEffect = false, isWanted = () => true }: { hasEffect?: boolean; isWanted?: () => boolean } = {},
  ): Promise<Outcome<T>> {
    const giveUpAt = this.clock.now() + PATIENCE_MS;
    let pause = BACKOFF_MS.first;
    let mayHaveRun = false;
    for (;;) {
      await this.keepPace();
      const outcome = await this.exec(build());
      const verdict = outcome.type === "ok" ? this.read(outcome.value, parse) : outcome;
      if (verdict.type === "ok") {
        this.paceMs = this.paceMs < PACE_MS.first / 2 ? 0 : this.paceMs * PACE_DECAY;
        return verdict;
      }
      if (verdict.type === "rejected") return mayHaveRun ? doubt(verdict) : verdict;
      if (verdict.type === "unknown") mayHaveRun = hasEffect;
      if (verdict.type === "retry")
        this.paceMs = Math.min(Math.max(this.paceMs * 2, PACE_MS.first), PACE_MS.most);
      const waitMs = verdict.type === "unknown" ? pause : verdict.afterMs;
      if (!isWanted() || this.clock.now() + waitMs > giveUpAt) return verdict;
      await this.clock.sleep(waitMs);
      if (verdict.type === "unknown") pause = Math.min(pause * 2, BACKOFF_MS.most);
    }
  }

  private read<T>(result: ExecResult, parse: (stdout: string) => T | undefined): Outcome<T> {
    const value = parse(result.stdout);
    if (value !== undefined) return { type: "ok", value };
    if (result.exitCode === 126 || result.exitCode === 127) {
      return reject("unsupported", "The machine has no /bin/sh to run commands with");
    }
    // Cut short, most likely: ask for less.
    this.limit = Math.max(MIN_CHUNK_BYTES, Math.floor(this.limit / 4));
    return { type: "unknown", cause: "The machine's answer was not whole" };
  }

  private async keepPace(): Promise<void> {
    const now = this.clock.now();
    const at = Math.max(now, this.nextCallAt);
    this.nextCallAt = at + this.paceMs;
    if (at > now) await this.clock.sleep(at - now);
  }
}

export type Rejected = Extract<Outcome<never>, { type: "rejected" }>;

export function reject(code: Rejected["code"], message: string): Rejected {
  return { type: "rejected", code, message };
}

/** An earlier try may have had its effect before the machine became unable to tell. */
function doubt({ message }: Rejected): Outcome<never> {
  return { type: "unknown", cause: `${message}; an earlier try may have run the command` };
}
