import { may, RIGHTS } from "../../auth/roles.ts";
import { Field, Form } from "../layout/form.tsx";
import { Moment, Note } from "../layout/parts.tsx";
import { isBehind } from "./facts.tsx";
import { isOnItsWay } from "./lifecycle.ts";
import { type FormProps, Panel, refusalIn } from "./panel.tsx";
import { instancePath } from "./paths.ts";

/** Above the form that does it, where an instance is behind its agent's current release. */
export function UpgradeNote({ view }: Pick<FormProps, "view">) {
  return isBehind(view) ? (
    <Note kind="warn">
      This instance runs release {view.now.release}; the current one is {view.latestRelease}. An instance
      keeps the release that it was created with: restarting does not upgrade it.{" "}
      <strong>Cloning is the supported upgrade path</strong>, and the form is right here.
    </Note>
  ) : null;
}

/** `form`: what tells this form from every other that was shown, so that sending it twice makes one clone. */
export function CloneForm({ session, view, refusal, form }: FormProps & { form: string }) {
  const { now } = view;
  const mine = refusalIn("clone", refusal);
  const lacksKey = now.notices.some(({ code }) => code === "model_key_missing");
  return (
    <Form session={session} action={instancePath(now.id, "clone")}>
      <p class="quiet">
        A new instance on release {view.latestRelease}, with the same model, size, region, environment, labels
        and access, and with an address of its own. This one is not touched.
      </p>
      <input type="hidden" name="form" value={form} />
      <Field name="cloneName" label="Name of the clone" error={mine?.mistakes.cloneName}>
        <input
          id="cloneName"
          name="cloneName"
          maxlength={100}
          value={mine?.values.cloneName ?? `${now.name.slice(0, 93)} (copy)`}
        />
      </Field>
      <Field
        name="apiKey"
        label={`Model key (${now.modelProvider})`}
        hint={
          lacksKey
            ? "This instance has none, so its clone needs one."
            : "Empty: the clone gets this instance's own."
        }
        error={mine?.mistakes.apiKey}
      >
        <input
          id="apiKey"
          name="apiKey"
          type="password"
          autocomplete="off"
          maxlength={1024}
          required={lacksKey}
          aria-describedby="apiKey-hint"
        />
      </Field>
      {now.provider === "fly" ? (
        <label class="choice">
          <input type="checkbox" name="copyData" value="yes" checked={mine?.values.copyData === "yes"} />
          <span>
            Begin with a copy of the volume{" "}
            <span class="quiet">(of one that runs, as it lies on the disk)</span>
          </span>
        </label>
      ) : (
        <p class="quiet">{now.provider} cannot copy a volume: the clone begins with an empty one.</p>
      )}
      <button type="submit" class={isBehind(view) ? "main" : undefined}>
        Clone
      </button>
    </Form>
  );
}

/** To somebody else, with all that goes along and all that does not. */
export function TransferForm({ session, view, refusal }: FormProps) {
  const { now, offer, envNames } = view;
  const mine = refusalIn("transfer", refusal);
  if (!may(session.role, "transfers")) {
    return (
      <Panel form="transfer" title="Transfer" refusal={refusal}>
        <p class="quiet">
          Only owners of the account may {RIGHTS.transfers.text}; you are a member.
          {offer === null ? null : ` It is on offer to ${offer.receiver}.`}
        </p>
      </Panel>
    );
  }
  if (offer !== null) {
    return (
      <Panel form="transfer" title="Transfer" refusal={refusal} isOpen>
        <Form session={session} action={instancePath(now.id, "withdraw")} class="line">
          <input type="hidden" name="transfer" value={offer.id} />
          On offer to <strong>{offer.receiver}</strong> until <Moment at={offer.expiresAt} />.{" "}
          <button type="submit">Withdraw</button>
        </Form>
      </Panel>
    );
  }
  const names = envNames === null || envNames.length === 0 ? "" : ` (${envNames.join(", ")})`;
  return (
    <Panel form="transfer" title="Transfer" refusal={refusal}>
      <p>
        The receiver gets the machine, everything on its volume, and its environment{names}, except for model
        keys. Your model key is taken out of it before it runs again; its address, labels and access become
        new. What it has used so far, and what happened to it, stays with you. Nothing changes before they
        accept.
      </p>
      {isOnItsWay(now) || now.machine === null ? (
        <p class="quiet">It can be offered once it has come to rest.</p>
      ) : (
        <Form session={session} action={instancePath(now.id, "transfer")}>
          <Field
            name="to"
            label="To (an e-mail, or an account's id)"
            hint="Check it: whether there is such an account is not told."
            error={mine?.mistakes.to}
          >
            <input
              id="to"
              name="to"
              required
              maxlength={320}
              autocomplete="off"
              value={mine?.values.to ?? ""}
              aria-describedby="to-hint"
            />
          </Field>
          <button type="submit">Offer</button>
        </Form>
      )}
    </Panel>
  );
}

/** With everything that it has at the vendor. */
export function DeleteForm({ session, view: { now }, refusal }: FormProps) {
  const mine = refusalIn("delete", refusal);
  return (
    <Panel form="delete" title="Delete" refusal={refusal}>
      <Form session={session} action={instancePath(now.id, "delete")}>
        <p>
          Machine, volume and address are gone for ever, and nothing brings them back. Its history and usage
          stay.
        </p>
        <Field
          name="confirmation"
          label={`Type its name to delete it: ${now.name}`}
          error={mine?.mistakes.confirmation}
        >
          <input
            id="confirmation"
            name="confirmation"
            required
            autocomplete="off"
            aria-describedby={mine?.mistakes.confirmation === undefined ? undefined : "confirmation-hint"}
          />
        </Field>
        <button type="submit" class="danger">
          Delete for ever
        </button>
      </Form>
    </Panel>
  );
}
