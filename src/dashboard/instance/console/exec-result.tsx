import { formatDuration } from "../../layout/parts.tsx";

/** How a command ended; its outputs as plain text. */
export interface ExecAnswer {
  exitCode: number;
  signal: string | null;
  durationMs: number;
  timedOut: boolean;
  truncated: boolean;
  substrate: string;
  stdout: string;
  stderr: string;
}

/** In words: the same in the page and in what streams to it. */
export function endingOf({
  exitCode,
  signal,
  timedOut,
}: Pick<ExecAnswer, "exitCode" | "signal" | "timedOut">): string {
  if (timedOut) {
    return "Killed at its time limit";
  }
  return signal === null ? `Exit code ${exitCode}` : `Ended by ${signal} (exit code ${exitCode})`;
}

export function durationOf(durationMs: number): string {
  return durationMs < 10_000 ? `${(durationMs / 1_000).toFixed(2)} s` : formatDuration(durationMs / 1_000);
}

/** The room of a result: filled by the server, or by what streams. */
export function ExecResult({ answer, woke }: { answer?: ExecAnswer; woke: boolean }) {
  return (
    <section id="exec-result" aria-labelledby="exec-ending" hidden={answer === undefined}>
      <div role="status">
        <h2 id="exec-ending">{answer === undefined ? "" : endingOf(answer)}</h2>
      </div>
      <p id="exec-facts" class="quiet">
        {answer === undefined ? "" : factsOf(answer, woke)}
      </p>
      <Output name="stdout" label="Standard output" text={answer?.stdout ?? ""} />
      <Output name="stderr" label="Standard error" text={answer?.stderr ?? ""} />
    </section>
  );
}

export function factsOf(answer: Omit<ExecAnswer, "stdout" | "stderr">, woke: boolean): string {
  return [
    durationOf(answer.durationMs),
    `on ${answer.substrate}`,
    ...(answer.truncated ? ["truncated: each output is cut at 1 MiB"] : []),
    ...(woke ? ["it was woken for this"] : []),
  ].join(" · ");
}

/** The first line end of a `<pre>` is not shown, so a text that begins with one gets another before it. */
function Output({ name, label, text }: { name: "stdout" | "stderr"; label: string; text: string }) {
  return (
    <>
      <h3 id={`exec-${name}-label`}>{label}</h3>
      <section class="output" tabindex={0} aria-labelledby={`exec-${name}-label`}>
        <pre id={`exec-${name}`}>{text.startsWith("\n") ? `\n${text}` : text}</pre>
      </section>
    </>
  );
}
