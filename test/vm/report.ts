import { setTimeout as sleep } from "node:timers/promises";

/** One line for each thing that was looked at, with how long it took; nothing is hidden by what failed before it. */
export class Report {
  failed = 0;
  private passed = 0;
  private readonly begun = Date.now();

  say(line: string): void {
    process.stdout.write(`${this.elapsed()}  ${line}\n`);
  }

  /** @returns whether it is so. */
  async check(what: string, look: () => Promise<unknown>): Promise<boolean> {
    const begun = Date.now();
    try {
      const detail = await look();
      this.passed++;
      this.say(
        `PASS  ${what}${typeof detail === "string" ? `: ${detail}` : ""} (${seconds(Date.now() - begun)})`,
      );
      return true;
    } catch (error) {
      this.failed++;
      const why = error instanceof Error ? error.message : String(error);
      this.say(`FAIL  ${what} (${seconds(Date.now() - begun)})\n${why.replace(/^/gm, "            ")}`);
      return false;
    }
  }

  summary(): void {
    this.say(`${this.passed} passed, ${this.failed} failed`);
  }

  private elapsed(): string {
    return seconds(Date.now() - this.begun).padStart(7);
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export function expect(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise);
}

/** Asks until there is an answer, for a bounded time. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(500);
  }
}
