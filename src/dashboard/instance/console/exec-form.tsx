import type { Session } from "../../../services/sessions/authenticate.ts";
import { Field, Form } from "../../layout/form.tsx";
import { DEFAULT_SECONDS, type ExecValues, MAX_SECONDS, type Mistakes } from "./exec-fields.ts";

interface ExecFormProps {
  session: Session;
  action: string;
  nonce: string;
  values: ExecValues;
  mistakes: Mistakes;
  disabled: boolean;
}

export function ExecForm({ session, action, nonce, values, mistakes, disabled }: ExecFormProps) {
  const described = (name: keyof Mistakes) => ({
    "aria-describedby": `${name}-hint`,
    "aria-invalid": mistakes[name] === undefined ? undefined : ("true" as const),
  });
  return (
    <Form session={session} action={action} id="exec">
      <input type="hidden" name="nonce" value={nonce} />
      <Field
        name="command"
        label="Command"
        hint="Run by sh -c. The audit keeps its first 200 characters: put no secret in it."
        error={mistakes.command}
      >
        <textarea
          id="command"
          name="command"
          rows={3}
          required
          class="code"
          spellcheck={false}
          {...described("command")}
        >
          {values.command ?? ""}
        </textarea>
      </Field>
      <div class="columns">
        <Field name="cwd" label="Folder" hint="Where it begins; empty is the usual one." error={mistakes.cwd}>
          <input id="cwd" name="cwd" class="code" value={values.cwd ?? ""} {...described("cwd")} />
        </Field>
        <Field
          name="timeoutSeconds"
          label="Time limit, in seconds"
          hint="Then it is killed."
          error={mistakes.timeoutSeconds}
        >
          <input
            id="timeoutSeconds"
            name="timeoutSeconds"
            type="number"
            min={1}
            max={MAX_SECONDS}
            value={values.timeoutSeconds ?? DEFAULT_SECONDS}
            {...described("timeoutSeconds")}
          />
        </Field>
      </div>
      <Field name="stdin" label="Input" hint="What it reads; kept nowhere." error={mistakes.stdin}>
        <textarea id="stdin" name="stdin" rows={2} class="code" spellcheck={false} {...described("stdin")}>
          {values.stdin ?? ""}
        </textarea>
      </Field>
      {mistakes.nonce === undefined ? null : <p class="mistake">{mistakes.nonce}</p>}
      <div class="row">
        <button type="submit" class="main" disabled={disabled}>
          Run
        </button>
        <button type="button" id="exec-stop" hidden>
          Stop it
        </button>
      </div>
    </Form>
  );
}
