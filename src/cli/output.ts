import { failureOf } from "./errors.ts";
import { createStyle, type Style, wantsColor } from "./style.ts";
import { plain } from "./text.ts";

/** A place to write to: a terminal, a file or a pipe. */
export type Stream = NodeJS.WriteStream;

/** Data goes to stdout, everything said about it to stderr. */
export class Output {
  /** Asked for with `--json`. */
  readonly json: boolean;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** For what goes to stdout. */
  readonly style: Style;
  /** For what goes to stderr. */
  readonly noteStyle: Style;

  constructor(
    streams: { stdout: Stream; stderr: Stream },
    options: { json: boolean; env: NodeJS.ProcessEnv },
  ) {
    this.json = options.json;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    this.style = createStyle(wantsColor(streams.stdout, options.env));
    this.noteStyle = createStyle(wantsColor(streams.stderr, options.env));
  }

  /** A line of data for people. */
  line(text = ""): void {
    this.stdout.write(`${text}\n`);
  }

  /** The one JSON document that is the answer. */
  document(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One of many values in a stream: a line of JSON. */
  record(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A line about what is going on. */
  note(text = ""): void {
    this.stderr.write(`${text}\n`);
  }

  /** What can be done from here, unless a program is reading. */
  next(steps: readonly (readonly [what: string, command: string])[]): void {
    if (this.json) return;
    const { dim, cyan } = this.noteStyle;
    const width = Math.max(...steps.map(([what]) => what.length));
    for (const [what, command] of steps) this.note(`  ${dim(what.padEnd(width))}  ${cyan(command)}`);
  }

  /** Says what went wrong and what to do; returns the exit code that goes with it. */
  failure(error: unknown): number {
    const failure = failureOf(error);
    if (this.json) {
      const { message, ...rest } = failure;
      this.stderr.write(`${JSON.stringify({ error: message, ...rest })}\n`);
      return failure.exitCode;
    }
    const { red, dim, bold } = this.noteStyle;
    this.note(`${red(bold("Error:"))} ${plain(failure.message)}`);
    for (const fact of failure.facts) this.note(`  ${plain(fact)}`);
    const origin = [failure.code, failure.requestId && `request ${failure.requestId}`].filter(Boolean);
    if (origin.length > 0) this.note(`  ${dim(origin.join(" · "))}`);
    for (const step of failure.next) this.note(`${bold("Next:")} ${plain(step)}`);
    return failure.exitCode;
  }
}

/** Resolves when everything written so far has left the process. */
export function flushed(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
