import type { Use } from "../../instance/contract.ts";
import { instanceStub } from "../../instance/stub.ts";
import { describeError, logEvent } from "../../log.ts";
import type { Outcome } from "../../providers/provider.ts";
import type { Command, CommandExit, Exec, ExecEvent } from "../../provisioning/exec/run.ts";
import { type Ctx, causeOf } from "../context.ts";

/** How much of a command is kept, in characters. */
const COMMAND_SHOWN = 200;

type Detail = Use["detail"];
type Recorder = (detail: Detail) => void;

/** Writes down a use of an instance's machine, beside the answer and never in its way. */
export function recorder(ctx: Ctx, instanceId: string, action: Use["action"]): Recorder {
  return (detail) => {
    const use = { action, cause: causeOf(ctx), detail };
    const work = instanceStub(ctx.env, instanceId).recordUse(use);
    ctx.background(
      work.catch((error: unknown) => {
        logEvent("audit.lost", { level: "error", instanceId, action, cause: describeError(error) });
      }),
    );
  };
}

/** The same exec, with each command written down: its first characters and how it ended; never its input or environment. */
export function auditedExec(exec: Exec, record: Recorder): Exec {
  return {
    ...exec,
    async runToEnd(command) {
      const outcome = await exec.runToEnd(command);
      record({ command: shownCommand(command), ...ending(outcome) });
      return outcome;
    },
    stream(command) {
      const { execId, events } = exec.stream(command);
      async function* recorded(): AsyncGenerator<ExecEvent> {
        for await (const event of events) {
          if (event.type === "exit" || event.type === "failed") {
            const outcome =
              event.type === "exit" ? { type: "ok" as const, value: event.result } : event.outcome;
            record({ command: shownCommand(command), execId, ...ending(outcome) });
          }
          yield event;
        }
      }
      return { execId, events: recorded() };
    },
    async startDetached(command) {
      const started = await exec.startDetached(command);
      const how = started.type === "ok" ? { execId: started.value.execId } : { failure: started.type };
      record({ command: shownCommand(command), detached: true, ...how });
      return started;
    },
    async cancel(execId) {
      const outcome = await exec.cancel(execId);
      record({ execId, cancelled: true, ...ending(outcome) });
      return outcome;
    },
  };
}

/** How a detached command ended, once somebody saw it. */
export function recordEnd(record: Recorder, execId: string, exit: CommandExit | undefined): void {
  if (exit) {
    record({ execId, detached: true, ...ending({ type: "ok", value: exit }) });
  }
}

/** `failure`: it was never seen to end; where that is `unknown`, it may have run. */
function ending(outcome: Outcome<CommandExit>): Detail {
  if (outcome.type !== "ok") {
    return { exitCode: null, signal: null, failure: outcome.type };
  }
  const { exitCode, signal, durationMs, timedOut } = outcome.value;
  return { exitCode, signal, durationMs: Math.round(durationMs), ...(timedOut ? { timedOut } : {}) };
}

/** As a person would type it: what was sent as a string is that string again. */
function shownCommand({ argv }: Command): string {
  const [shell, flag, script] = argv;
  const text =
    argv.length === 3 && shell === "sh" && flag === "-c" && script !== undefined
      ? script
      : argv
          .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
          .join(" ");
  // By characters, not by halves of them.
  return Array.from(text.slice(0, 2 * COMMAND_SHOWN))
    .slice(0, COMMAND_SHOWN)
    .join("");
}
