import type { Child } from "hono/jsx";
import type { Session } from "../../services/sessions/authenticate.ts";
import { FORM_TOKEN } from "../middleware/form-token.ts";

interface FormProps {
  session: Pick<Session, "formToken">;
  action: string;
  class?: string;
  id?: string;
  children?: Child;
}

/** Every form that changes something is this one: it is sent by POST, and carries the session's form token. */
export function Form({ session, action, children, ...rest }: FormProps) {
  return (
    <form method="post" action={action} {...rest}>
      <input type="hidden" name={FORM_TOKEN} value={session.formToken} />
      {children}
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  /** What it is for, below it. */
  hint?: string;
  /** What is wrong with what was sent. */
  error?: string;
  children: Child;
}

/** A control with its label, its hint and its mistake. The control's id is the field's name, and it is described by `NAME-hint`. */
export function Field({ name, label, hint, error, children }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {children}
      {hint === undefined && error === undefined ? null : (
        <div id={`${name}-hint`}>
          {error === undefined ? null : <p class="mistake">{error}</p>}
          {hint === undefined ? null : <p class="quiet">{hint}</p>}
        </div>
      )}
    </div>
  );
}
