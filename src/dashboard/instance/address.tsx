import { Form } from "../layout/form.tsx";
import { isOnItsWay } from "./lifecycle.ts";
import { type FormProps, refusalIn, WhyNot } from "./panel.tsx";
import { instancePath } from "./paths.ts";

export const LINK_HOURS = [
  [1, "1 hour"],
  [24, "1 day"],
  [168, "7 days"],
  [720, "30 days"],
] as const;

/**
 * Its address, which is not in this page: it is the credential, and pages are shared, printed and left open. Whoever wants to see it
 * asks; with JavaScript it is shown in its place here, without on a page of its own, whose address does not hold it either.
 */
export function Address({ session, view: { now }, refusal }: FormProps) {
  const mine = refusalIn("address", refusal);
  return (
    <section aria-labelledby="address-title" id="address">
      <h2 id="address-title">Address</h2>
      <WhyNot refusal={mine} />
      <p class="secret" data-reveal={instancePath(now.id, "url")}>
        <span class="veil" aria-hidden="true">
          ••••••••••••
        </span>{" "}
        <a class="button" href={instancePath(now.id, "url")}>
          Show
        </a>
      </p>
      <p class="quiet">
        {now.access === "link"
          ? "Whoever has it can open the instance, so it is hidden until you ask."
          : `Access is “${now.access}”: the address alone opens nothing.`}
      </p>
      {now.access === "signed" ? (
        <Form session={session} action={instancePath(now.id, "links")} class="line">
          <label for="linkHours">A link that opens it for</label>
          <select id="linkHours" name="linkHours">
            {LINK_HOURS.map(([hours, text]) => (
              <option value={String(hours)}>{text}</option>
            ))}
          </select>
          <button type="submit">Make a signed link</button>
        </Form>
      ) : null}
      {isOnItsWay(now) ? null : <RotateForm session={session} view={{ now }} refusal={refusal} />}
    </section>
  );
}

function RotateForm({
  session,
  view: { now },
  refusal,
}: Omit<FormProps, "view"> & { view: Pick<FormProps["view"], "now"> }) {
  const mine = refusalIn("address", refusal);
  return (
    <details class="fold" open={mine?.mistakes.sure !== undefined}>
      <summary>Rotate the address</summary>
      <Form session={session} action={instancePath(now.id, "rotate-url")}>
        <label class="choice">
          <input
            type="checkbox"
            name="sure"
            value="yes"
            required
            aria-describedby={mine?.mistakes.sure === undefined ? undefined : "sure-hint"}
          />
          <span>The old address stops working for everybody within ten seconds, signed links too</span>
        </label>
        {mine?.mistakes.sure === undefined ? null : (
          <p class="mistake" id="sure-hint">
            {mine.mistakes.sure}
          </p>
        )}
        <button type="submit">Give it a new address</button>
      </Form>
    </details>
  );
}
