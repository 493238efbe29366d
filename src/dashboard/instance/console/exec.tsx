import { AppError } from "../../../errors.ts";
import { newExecId } from "../../../ids.ts";
import type { InstanceRow } from "../../../instance/projection.ts";
import { openCommand } from "../../../services/instances/exec.ts";
import { getInstance } from "../../../services/instances/read.ts";
import { failureOf } from "../../../services/instances/vendor-failure.ts";
import { withoutAddress } from "../../instances/words.ts";
import { Note } from "../../layout/parts.tsx";
import { type DashboardContext, newPages } from "../../route.ts";
import { instancePath } from "../paths.ts";
import {
  type ExecFields,
  type ExecValues,
  execIdOf,
  type Mistakes,
  parseExec,
  toCommand,
} from "./exec-fields.ts";
import { ExecForm } from "./exec-form.tsx";
import { type ExecAnswer, ExecResult } from "./exec-result.tsx";
import { streamExec } from "./exec-stream.ts";
import { ConsoleFrame } from "./head.tsx";
import { ReadinessNote } from "./not-ready.tsx";
import { plainText } from "./plain-text.ts";
import { readinessOf } from "./readiness.ts";

const PATH = "/dashboard/instances/:id/exec";

interface Shown {
  instance: InstanceRow;
  values?: ExecValues;
  mistakes?: Mistakes;
  problem?: AppError;
  answer?: ExecAnswer;
  woke?: boolean;
}

export const execPages = newPages()
  .get(PATH, async (c) => {
    const instance = await getInstance(c.var.ctx, c.req.param("id"));
    return c.html(<ExecPage c={c} instance={instance} />);
  })
  .post(PATH, async (c) => {
    const instance = await getInstance(c.var.ctx, c.req.param("id"));
    const { command, cwd, timeoutSeconds, stdin, nonce } = await c.req.parseBody<Record<string, string>>();
    const values = { command, cwd, timeoutSeconds, stdin, nonce };
    const parsed = parseExec(values);
    if (c.req.header("Accept")?.includes("text/event-stream")) {
      return streamExec(c, instance, parsed);
    }
    if ("mistakes" in parsed) {
      return c.html(<ExecPage c={c} instance={instance} values={values} mistakes={parsed.mistakes} />, 400);
    }
    return runAndShow(c, instance, parsed.fields);
  });

/** Without JavaScript: the page waits for the command, and is its answer. */
async function runAndShow(c: DashboardContext, instance: InstanceRow, fields: ExecFields): Promise<Response> {
  const { command, cwd, stdin } = fields;
  const values: ExecValues = { command, cwd, timeoutSeconds: String(fields.timeoutSeconds) };
  try {
    const answer = await run(c, instance.id, fields);
    const woke = instance.state !== "running";
    const now = woke ? await getInstance(c.var.ctx, instance.id) : instance;
    return c.html(<ExecPage c={c} instance={now} values={values} answer={answer} woke={woke} />);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "not_found" || error.code === "internal") {
      throw error;
    }
    if (error.retryAfterSeconds !== undefined) {
      c.header("Retry-After", String(error.retryAfterSeconds));
    }
    const now = await getInstance(c.var.ctx, instance.id);
    // It did not run: nothing that was typed is to be typed again.
    return c.html(
      <ExecPage c={c} instance={now} values={{ ...values, stdin }} problem={error} />,
      error.status as 409,
    );
  }
}

async function run(c: DashboardContext, id: string, fields: ExecFields): Promise<ExecAnswer> {
  const { exec } = await openCommand(c.var.ctx, id, {
    execId: await execIdOf(fields),
    timeoutSeconds: fields.timeoutSeconds,
  });
  const outcome = await exec.runToEnd(toCommand(fields));
  if (outcome.type !== "ok") {
    throw failureOf(outcome);
  }
  const { stdout, stderr, ...rest } = outcome.value;
  return { ...rest, stdout: plainText(stdout), stderr: plainText(stderr) };
}

function ExecPage({
  c,
  instance,
  values = {},
  mistakes = {},
  problem,
  answer,
  woke = false,
}: Shown & { c: DashboardContext }) {
  const readiness = readinessOf(instance);
  const isPossible = readiness.type === "runs" || readiness.type === "wakes";
  return (
    <ConsoleFrame c={c} instance={instance} place="exec" scripts={["exec.js"]}>
      <ReadinessNote c={c} instance={instance} readiness={readiness} />
      <div id="exec-problem" role="alert">
        {problem ? (
          <Note kind="bad">
            <p>{withoutAddress(`${problem.message} ${isPossible ? (problem.hint ?? "") : ""}`, instance)}</p>
          </Note>
        ) : null}
      </div>
      <ExecForm
        session={c.var.session}
        action={instancePath(instance.id, "exec")}
        nonce={newExecId()}
        values={values}
        mistakes={mistakes}
        disabled={!isPossible}
      />
      <ExecResult answer={answer} woke={woke} />
    </ConsoleFrame>
  );
}
