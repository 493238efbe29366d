import type { FromHost } from "../host/protocol.ts";
import type { ExecResult, Outcome } from "../providers/provider.ts";

/** As much of each output as is handed out; the beginning, since that says what went wrong. */
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

type Reply = Extract<FromHost, { type: "output" | "exit" | "quiesced" | "refused" }>;

/** Something asked of the host, until it has answered. */
interface Request {
  take: (reply: Reply) => void;
  /** The connection is gone, and with it the answer. */
  lose: () => void;
}

/**
 * Requests that wait for the host. They live in memory alone: while one waits its caller keeps the object alive, and what is
 * lost with the object is `unknown` to its caller.
 */
export class Requests {
  private readonly waiting = new Map<string, Request>();

  take(reply: Reply): void {
    this.waiting.get(reply.id)?.take(reply);
  }

  loseAll(): void {
    for (const request of this.waiting.values()) {
      request.lose();
    }
  }

  /** A command that was sent. `timeoutMs` is how long its answer may take. */
  exec(id: string, timeoutMs: number): Promise<Outcome<ExecResult>> {
    const outputs = { stdout: new Output(), stderr: new Output() };
    return this.wait<Outcome<ExecResult>>(id, timeoutMs, {
      late: unknown("The host did not answer in time"),
      lost: unknown("The host's connection broke while the command ran"),
      answer: (reply) => {
        if (reply.type === "output") {
          outputs[reply.stream].add(reply.data);
        }
        if (reply.type === "refused") {
          return refusal(reply);
        }
        if (reply.type !== "exit") {
          return undefined;
        }
        const { exitCode, signal } = reply;
        const said = { stdout: outputs.stdout.text(), stderr: outputs.stderr.text() };
        return { type: "ok", value: { exitCode, ...(signal === undefined ? {} : { signal }), ...said } };
      },
    });
  }

  quiesce(id: string, timeoutMs: number): Promise<Outcome<void>> {
    return this.wait<Outcome<void>>(id, timeoutMs, {
      late: { type: "pending", afterMs: 500, note: "the agent is putting its work away" },
      lost: { type: "retry", afterMs: 500, cause: "The host's connection broke" },
      answer: (reply) =>
        reply.type === "quiesced"
          ? { type: "ok", value: undefined }
          : reply.type === "refused"
            ? refusal(reply)
            : undefined,
    });
  }

  private wait<T>(
    id: string,
    timeoutMs: number,
    { late, lost, answer }: { late: T; lost: T; answer: (reply: Reply) => T | undefined },
  ): Promise<T> {
    return new Promise((resolve) => {
      const settle = (value: T) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(value);
      };
      const timer = setTimeout(() => settle(late), timeoutMs);
      this.waiting.set(id, {
        take: (reply) => {
          const value = answer(reply);
          if (value !== undefined) {
            settle(value);
          }
        },
        lose: () => settle(lost),
      });
    });
  }
}

const unknown = (cause: string) => ({ type: "unknown" as const, cause });

function refusal({ code, message }: Extract<Reply, { type: "refused" }>): Outcome<never> {
  switch (code) {
    case "not_running":
      return { type: "rejected", code, message };
    case "failed":
      return { type: "retry", afterMs: 1_000, cause: message };
    case "lost":
      return unknown(message);
    default:
      return code satisfies never;
  }
}

class Output {
  private readonly parts: Uint8Array[] = [];
  private room = OUTPUT_LIMIT_BYTES;

  add(base64: string): void {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const part = bytes.subarray(0, this.room);
    this.room -= part.length;
    this.parts.push(part);
  }

  text(): string {
    const decoder = new TextDecoder();
    return this.parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  }
}
