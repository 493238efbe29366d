import type { Child } from "hono/jsx";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Note } from "../layout/parts.tsx";
import type { FormName, Refusal } from "./refusal.ts";
import type { InstanceView } from "./view.ts";

/** What every form of the page is given. */
export interface FormProps {
  session: Session;
  view: InstanceView;
  refusal: Refusal | undefined;
}

/** The refusal of this form, when it is the one that was refused. */
export function refusalIn(form: FormName, refusal: Refusal | undefined): Refusal | undefined {
  return refusal?.form === form ? refusal : undefined;
}

interface PanelProps {
  form: FormName;
  title: string;
  refusal: Refusal | undefined;
  isOpen?: boolean;
  children?: Child;
}

/** A form that is shut until it is wanted, or was refused. */
export function Panel({ form, title, refusal, isOpen = false, children }: PanelProps) {
  const mine = refusalIn(form, refusal);
  return (
    <details class="fold" id={form} open={isOpen || mine !== undefined}>
      <summary>{title}</summary>
      <div>
        <WhyNot refusal={mine} />
        {children}
      </div>
    </details>
  );
}

/** Why a form was not carried out; what is wrong with its fields stands at them. */
export function WhyNot({ refusal }: { refusal: Refusal | undefined }) {
  const isAtFields = refusal !== undefined && Object.keys(refusal.mistakes).length > 0;
  return refusal === undefined || isAtFields ? null : (
    <Note kind="bad">
      <strong>{refusal.message}</strong>
      {refusal.hint === undefined ? null : ` ${refusal.hint}`}
    </Note>
  );
}
