import { fromBase64, toBase64 } from "../base64.ts";
import { ConnectionError } from "../errors.ts";
import { readOnce } from "../live.ts";
import { sleep } from "../retry.ts";
import type { SseEvent } from "../sse.ts";
import type { Call, RequestOptions, Transport } from "../transport.ts";

/** A command to run on an instance. */
export interface ExecInput {
  /** A text is run by a shell; a list is a program and its arguments, as they are. */
  command: string | string[];
  cwd?: string;
  env?: Record<string, string>;
  /** A text, or bytes of any kind. */
  stdin?: string | Uint8Array;
  /** Ended after this long; the server has a limit of its own for commands that are not detached. */
  timeoutSeconds?: number;
}

/** How a command ended. One that failed is no error: look at `exitCode`. */
export interface ExecEnd {
  exitCode: number | null;
  /** The signal that ended it, such as `SIGKILL`. */
  signal: string | null;
  /** It was ended because its time was over. */
  timedOut?: boolean;
  /** `null` where it was not measured. */
  durationMs: number | null;
  /** Output was longer than the server keeps. */
  truncated: boolean;
  /** Which provider really ran it, such as `fly-machine`. */
  substrate: string;
}

/** A command's end together with all it wrote. */
export interface ExecResult extends ExecEnd {
  stdout: string;
  stderr: string;
}

/** A piece of output, or the end. */
export type ExecEvent = { type: "stdout" | "stderr"; data: Uint8Array } | ({ type: "exit" } & ExecEnd);

/** A detached command, and the part of its output from the offsets asked for. */
export interface DetachedExec extends Omit<ExecEnd, "durationMs"> {
  execId: string;
  status: "running" | "exited";
  stdout: string;
  stderr: string;
  /** Where to ask on. */
  stdoutOffset: number;
  stderrOffset: number;
}

const DEFAULT_POLL_MS = 1_000;

/** Commands on an instance. A suspended one is woken first. */
export class Exec {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Runs a command and answers when it has ended. */
  run(instanceId: string, input: ExecInput, options?: RequestOptions): Promise<ExecResult> {
    return this.#transport.json(startCall(instanceId, input), { timeoutMs: null, ...options });
  }

  /** Runs a command and yields its output as it comes; the last event is the exit. Leaving early ends the command. */
  async *stream(
    instanceId: string,
    input: ExecInput,
    options?: RequestOptions,
  ): AsyncGenerator<ExecEvent, void, void> {
    const call = { ...startCall(instanceId, input), accept: "text/event-stream" };
    const response = await this.#transport.open(call, { timeoutMs: null, ...options });
    yield* readExec(response, { signal: options?.signal });
  }

  /** Starts a command that goes on without us. */
  start(instanceId: string, input: ExecInput, options?: RequestOptions): Promise<{ execId: string }> {
    const call = startCall(instanceId, input);
    return this.#transport.json({ ...call, body: { ...call.body, detach: true } }, options);
  }

  /** A detached command and its output from the given offsets on. */
  get(
    instanceId: string,
    execId: string,
    from: { stdoutOffset?: number; stderrOffset?: number } = {},
    options?: RequestOptions,
  ): Promise<DetachedExec> {
    const path = `${execPath(instanceId)}/${encodeURIComponent(execId)}`;
    return this.#transport.json({ method: "GET", path, query: from }, options);
  }

  /** Yields a detached command's output until it has ended, by polling. */
  async *follow(
    instanceId: string,
    execId: string,
    options: RequestOptions & { pollMs?: number } = {},
  ): AsyncGenerator<ExecEvent, void, void> {
    const { pollMs = DEFAULT_POLL_MS, ...request } = options;
    const encoder = new TextEncoder();
    let from = { stdoutOffset: 0, stderrOffset: 0 };
    for (;;) {
      const state = await this.get(instanceId, execId, from, request);
      if (state.stdout !== "") yield { type: "stdout", data: encoder.encode(state.stdout) };
      if (state.stderr !== "") yield { type: "stderr", data: encoder.encode(state.stderr) };
      if (state.status === "exited") {
        const { exitCode, signal, timedOut, truncated, substrate } = state;
        yield { type: "exit", exitCode, signal, timedOut, durationMs: null, truncated, substrate };
        return;
      }
      from = { stdoutOffset: state.stdoutOffset, stderrOffset: state.stderrOffset };
      await sleep(pollMs, options.signal);
    }
  }
}

function execPath(instanceId: string): string {
  return `/api/instances/${encodeURIComponent(instanceId)}/exec`;
}

function startCall(instanceId: string, input: ExecInput): Call & { body: Record<string, unknown> } {
  return { method: "POST", path: execPath(instanceId), body: execBody(input) };
}

/** A command as the API takes it. */
export function execBody({ stdin, ...rest }: ExecInput): Record<string, unknown> {
  const fed = typeof stdin === "string" ? { stdin } : stdin ? { stdinBase64: toBase64(stdin) } : {};
  return { ...rest, ...fed };
}

/** The output of a command as it comes, and its exit; other events are left to `onOther`. */
export async function* readExec(
  response: Response,
  options: { signal?: AbortSignal; onOther?: (event: SseEvent) => void } = {},
): AsyncGenerator<ExecEvent, void, void> {
  for await (const raw of readOnce(response, options.signal)) {
    const event = execEventOf(raw);
    if (event) yield event;
    else options.onOther?.(raw);
    if (event?.type === "exit") return;
  }
  throw new ConnectionError("The connection ended before the command did.", {
    code: "stream_lost",
    url: response.url,
  });
}

/** Events of other names are left for later versions of the stream. */
function execEventOf({ event, data }: SseEvent): ExecEvent | null {
  if (event === "exit") return { type: "exit", ...(JSON.parse(data) as ExecEnd) };
  if (event !== "stdout" && event !== "stderr") return null;
  return { type: event, data: fromBase64((JSON.parse(data) as { data: string }).data) };
}
