import type { Child } from "hono/jsx";
import { ACCESS_MODES } from "../../instance/record.ts";
import { canBeSuspended } from "../../services/instances/sleep.ts";
import { Field, Form } from "../layout/form.tsx";
import { Moment } from "../layout/parts.tsx";
import { type FormProps, Panel, refusalIn } from "./panel.tsx";
import { instancePath } from "./paths.ts";

/** Its name and its labels. */
export function NameForm({ session, view: { now }, refusal }: FormProps) {
  const mine = refusalIn("name", refusal);
  const labels = Object.entries(now.labels).map(([key, value]) => `${key}=${value}`);
  return (
    <Panel form="name" title="Name and labels" refusal={refusal}>
      <Form session={session} action={instancePath(now.id, "name")}>
        <Field name="name" label="Name" error={mine?.mistakes.name}>
          <input id="name" name="name" required maxlength={100} value={mine?.values.name ?? now.name} />
        </Field>
        <Field name="labels" label="Labels" hint="One a line: key=value." error={mine?.mistakes.labels}>
          <textarea id="labels" name="labels" rows={3} aria-describedby="labels-hint">
            {mine?.values.labels ?? labels.join("\n")}
          </textarea>
        </Field>
        <button type="submit">Save</button>
      </Form>
    </Panel>
  );
}

const ACCESS_WORDS = {
  link: "Whoever has the address",
  token: "Only who shows a token of this account (programs; a browser cannot)",
  signed: "Who shows a token of this account, or opens a signed link",
} as const;

/** Who may open its address. */
export function AccessForm({ session, view: { now }, refusal }: FormProps) {
  const mine = refusalIn("access", refusal);
  const chosen = mine?.values.access ?? now.access;
  return (
    <Panel form="access" title="Access" refusal={refusal}>
      <Form session={session} action={instancePath(now.id, "access")}>
        <fieldset>
          <legend>Who may open it</legend>
          {ACCESS_MODES.map((access) => (
            <label class="choice">
              <input type="radio" name="access" value={access} checked={access === chosen} required />{" "}
              {ACCESS_WORDS[access]}
            </label>
          ))}
        </fieldset>
        {mine?.mistakes.access === undefined ? null : <p class="mistake">{mine.mistakes.access}</p>}
        <button type="submit">Save</button>
      </Form>
    </Panel>
  );
}

/** When it falls asleep by itself, and when it wakes without being used. */
export function SleepForm({ session, view: { now }, refusal }: FormProps) {
  const mine = refusalIn("sleep", refusal);
  if (now.exposure === "public" && !canBeSuspended(now)) {
    return (
      <Unoffered title="Sleep and schedule">
        {now.provider === "fly"
          ? "Fly suspends machines of up to 2 GB of memory"
          : `At ${now.provider} machines cannot be suspended`}
        , so this instance neither sleeps nor wakes by itself.
      </Unoffered>
    );
  }
  const minutes = now.idleTimeoutSeconds === null ? "" : String(now.idleTimeoutSeconds / 60);
  const wakeAt = now.wakeAt === null ? "" : new Date(now.wakeAt).toISOString().slice(0, 16);
  return (
    <Panel form="sleep" title="Sleep and schedule" refusal={refusal}>
      <Form session={session} action={instancePath(now.id, "sleep")}>
        <Field
          name="idleMinutes"
          label="Sleep after so many minutes without work"
          hint="Empty: never. Work is requests, open connections, commands, holds, and what the agent reports."
          error={mine?.mistakes.idleMinutes ?? mine?.mistakes.idleTimeoutSeconds}
        >
          <input
            id="idleMinutes"
            name="idleMinutes"
            inputmode="decimal"
            value={mine?.values.idleMinutes ?? minutes}
            aria-describedby="idleMinutes-hint"
          />
        </Field>
        <Field
          name="wakeAt"
          label="Wake once at (UTC)"
          hint="Empty: not. Where it is suspended then; one that was stopped stays stopped."
          error={mine?.mistakes.wakeAt}
        >
          <input
            id="wakeAt"
            name="wakeAt"
            type="datetime-local"
            value={mine?.values.wakeAt ?? wakeAt}
            aria-describedby="wakeAt-hint"
          />
        </Field>
        <Field
          name="wakeCron"
          label="Wake by schedule (UTC)"
          hint="Five fields of cron, such as 0 9 * * 1-5. Empty: not."
          error={mine?.mistakes.wakeCron}
        >
          <input
            id="wakeCron"
            name="wakeCron"
            maxlength={100}
            autocomplete="off"
            spellcheck={false}
            value={mine?.values.wakeCron ?? now.wakeCron ?? ""}
            aria-describedby="wakeCron-hint"
          />
        </Field>
        <button type="submit">Save</button>
      </Form>
    </Panel>
  );
}

const HOLDS = [
  [1, "1 hour"],
  [4, "4 hours"],
  [12, "12 hours"],
  [24, "1 day"],
  [72, "3 days"],
  [168, "7 days"],
] as const;
export const MOST_HOURS = 168;

/** Keeps it awake for a while, whatever it does. */
export function HoldForm({ session, view: { now, hold }, refusal }: FormProps) {
  const mine = refusalIn("hold", refusal);
  if (now.idleTimeoutSeconds === null && hold === null) {
    return <Unoffered title="Keep awake">It never sleeps by itself, so there is nothing to hold.</Unoffered>;
  }
  return (
    <Panel form="hold" title="Keep awake" refusal={refusal}>
      {hold === null ? null : (
        <Form session={session} action={instancePath(now.id, "hold")} class="line">
          <input type="hidden" name="hours" value="0" />
          <input type="hidden" name="reason" value="let go" />
          Held until <Moment at={hold.until} />: {hold.reason}. <button type="submit">Let it go</button>
        </Form>
      )}
      <Form session={session} action={instancePath(now.id, "hold")}>
        <Field name="hours" label="Keep awake for" error={mine?.mistakes.hours}>
          <select id="hours" name="hours">
            {HOLDS.map(([hours, text]) => (
              <option value={String(hours)} selected={mine?.values.hours === String(hours)}>
                {text}
              </option>
            ))}
          </select>
        </Field>
        <Field
          name="reason"
          label="Why"
          hint="Shown wherever it says why it is awake."
          error={mine?.mistakes.reason}
        >
          <input
            id="reason"
            name="reason"
            required
            maxlength={200}
            value={mine?.values.reason ?? ""}
            aria-describedby="reason-hint"
          />
        </Field>
        <button type="submit">{hold === null ? "Keep awake" : "Hold anew"}</button>
      </Form>
    </Panel>
  );
}

function Unoffered({ title, children }: { title: string; children?: Child }) {
  return (
    <details class="fold">
      <summary>{title}</summary>
      <p class="quiet">{children}</p>
    </details>
  );
}
