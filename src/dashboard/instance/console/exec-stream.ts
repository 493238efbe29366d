import { AppError, errorBody } from "../../../errors.ts";
import { eventStream } from "../../../event-stream.ts";
import type { InstanceRow } from "../../../instance/projection.ts";
import { describeError, logEvent } from "../../../log.ts";
import { openCommand } from "../../../services/instances/exec.ts";
import { failureOf } from "../../../services/instances/vendor-failure.ts";
import type { DashboardContext } from "../../route.ts";
import { execIdOf, type parseExec, toCommand } from "./exec-fields.ts";
import { endingOf, factsOf } from "./exec-result.tsx";
import { PlainTextStream } from "./plain-text.ts";
import { readinessOf } from "./readiness.ts";

/**
 * With JavaScript: `begin` at once, so that a reader sees that it wakes, then `stdout` and `stderr` as plain text as they
 * come, and `exit`; or `mistakes`, or `problem`. Whoever goes away in the middle takes the command with them.
 */
export function streamExec(
  c: DashboardContext,
  instance: InstanceRow,
  parsed: ReturnType<typeof parseExec>,
): Response {
  return eventStream(c, async ({ send, signal }) => {
    if ("mistakes" in parsed) {
      await send({ event: "mistakes", data: { mistakes: parsed.mistakes } });
      return;
    }
    await send({ event: "begin", data: { readiness: readinessOf(instance) } });
    try {
      const { fields } = parsed;
      const { exec, substrate, giveUp } = await openCommand(c.var.ctx, instance.id, {
        execId: await execIdOf(fields),
        timeoutSeconds: fields.timeoutSeconds,
      });
      // Waking takes a while; who went away in it wants nothing run any more.
      if (signal.aborted) {
        giveUp();
        return;
      }
      const { execId, events } = exec.stream(toCommand(fields));
      let isOver = false;
      signal.addEventListener("abort", () => {
        if (!isOver) {
          c.executionCtx.waitUntil(exec.cancel(execId));
        }
      });
      await send({ event: "running", data: { substrate } });
      const outputs = { stdout: new Output(), stderr: new Output() };
      for await (const event of events) {
        if (event.type === "failed") {
          isOver = true;
          throw failureOf(event.outcome);
        }
        if (event.type === "exit") {
          isOver = true;
          for (const type of ["stdout", "stderr"] as const) {
            await send({ event: type, data: { text: outputs[type].end() } });
          }
          const facts = factsOf({ ...event.result, truncated: false }, instance.state !== "running");
          await send({ event: "exit", data: { ending: endingOf(event.result), facts } });
        } else {
          await send({ event: event.type, data: { text: outputs[event.type].push(event.data) } });
        }
      }
    } catch (error) {
      await send({ event: "problem", data: errorBody(toKnown(c, error), c.var.requestId) });
    }
  });
}

/** Bytes as plain text: a character, and a sequence, may be cut in two between them. */
class Output {
  private readonly decoder = new TextDecoder();
  private readonly plain = new PlainTextStream();

  push(bytes: Uint8Array): string {
    return this.plain.push(this.decoder.decode(bytes, { stream: true }));
  }

  end(): string {
    return this.plain.push(this.decoder.decode()) + this.plain.end();
  }
}

function toKnown(c: DashboardContext, error: unknown): AppError {
  if (error instanceof AppError) {
    return error;
  }
  logEvent("page.failed", {
    level: "error",
    requestId: c.var.requestId,
    path: c.req.path,
    cause: describeError(error),
  });
  return new AppError("internal", "Something went wrong on our side.");
}
