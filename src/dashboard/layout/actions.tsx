import type { Child } from "hono/jsx";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Form } from "./form.tsx";
import { Note } from "./parts.tsx";

interface ConfirmProps {
  session: Pick<Session, "formToken">;
  action: string;
  /** What opens the question, and what is done when it is answered. */
  label: string;
  /** It cannot be undone. */
  danger?: boolean;
  /** The question open from the start: a form that was refused is shown with its mistake. */
  open?: boolean;
  /** What will happen, and what has to be filled in for it. */
  children?: Child;
}

/** An action that asks once more. It needs no script: the question opens where the button is. */
export function Confirm({ session, action, label, danger = false, open = false, children }: ConfirmProps) {
  const kind = danger ? "danger" : "";
  return (
    <details class={`confirm ${kind}`} open={open}>
      <summary class={`button ${kind}`}>{label} …</summary>
      <Form session={session} action={action}>
        {children}
        <button type="submit" class={`${kind} main`}>
          {label}
        </button>
      </Form>
    </details>
  );
}

/** Puts a text on the clipboard. It is there only where a script runs it. */
export function Copy({ text, what }: { text: string; what?: string }) {
  return (
    <button
      type="button"
      class="copy small scripted"
      data-copy={text}
      aria-label={what ? `Copy ${what}` : undefined}
    >
      Copy
    </button>
  );
}

/** A text as it is to be typed or pasted somewhere, and the button for it. */
export function Copyable({ text, what, block = false }: { text: string; what?: string; block?: boolean }) {
  return (
    <span class={block ? "copyable block" : "copyable"}>
      <code>{text}</code>
      <Copy text={text} what={what} />
    </span>
  );
}

/** What has just been done, told by the page that the form led to. @param said by the code in `?done=`; others are ignored */
export function Done({ code, said }: { code: string | undefined; said: Readonly<Record<string, Child>> }) {
  const words = code !== undefined && Object.hasOwn(said, code) ? said[code] : undefined;
  return words === undefined ? null : (
    <div role="status">
      <Note kind="good">
        <p>{words}</p>
      </Note>
    </div>
  );
}
