import type { Session } from "../../services/sessions/authenticate.ts";
import type { TransferView } from "../../services/transfers/internal.ts";
import type { OfferedInstance } from "../../services/transfers/list.ts";
import { Confirm } from "../layout/actions.tsx";
import { Facts } from "../layout/lists.tsx";
import { Moment, Note } from "../layout/parts.tsx";

/** What went wrong with an offer that somebody decided on, to be said where they did. */
export interface Refusal {
  id: string;
  message: string;
  hint?: string;
  /** It was the model key. */
  isKey: boolean;
}

interface OfferProps {
  session: Session;
  offer: TransferView;
  instance?: OfferedInstance;
  refusal?: Refusal;
}

function Head({
  offer,
  instance,
  isIncoming,
}: Pick<OfferProps, "offer" | "instance"> & { isIncoming: boolean }) {
  const size = instance?.spec;
  return (
    <>
      <h3>{offer.instanceName}</h3>
      <Facts
        rows={[
          isIncoming
            ? ["From", <strong>{offer.fromEmail}</strong>]
            : ["To", <strong>{offer.receiver}</strong>],
          ["Agent", offer.agentType],
          ["Model", instance && `${instance.modelName} (${instance.modelProvider})`],
          [
            "Machine",
            size && `${size.cpus} ${size.cpuKind} CPU, ${size.memoryMb} MB, ${size.volumeGb} GB volume`,
          ],
          ["Where", instance && `${instance.provider}, ${instance.region}`],
          ["Offered", <Moment at={offer.createdAt} />],
          ["Open until", <Moment at={offer.expiresAt} />],
        ]}
      />
    </>
  );
}

/** Offered to this account: to be taken over with a model key of one's own, or declined. */
export function Incoming({ session, offer, instance, refusal }: OfferProps) {
  const field = `apiKey-${offer.id}`;
  return (
    <article class="panel" id={offer.id}>
      <Head offer={offer} instance={instance} isIncoming={true} />
      <Refused refusal={refusal} />
      <div class="actions">
        <Confirm
          session={session}
          action={`/dashboard/transfers/${offer.id}/accept`}
          label="Accept"
          open={refusal?.isKey === true}
        >
          <p>
            From that moment on it is yours, and so is what it uses. Its volume, its release, its settings and
            its environment come along, without any model key. <strong>Its URL is new</strong>, and the old
            one is dead; labels and access are new as well. If it runs, it is restarted; if it is suspended,
            it is stopped.
          </p>
          <div class="field">
            <label for={field}>
              Your model key{instance ? ` for ${instance.modelProvider}` : ""} <small>(optional)</small>
            </label>
            <input
              type="password"
              id={field}
              name="apiKey"
              autocomplete="off"
              aria-describedby={`${field}-hint`}
            />
            <div id={`${field}-hint`}>
              {refusal?.isKey ? <p class="mistake">{refusal.message}</p> : null}
              <p class="quiet">Without one the machine gets none.</p>
            </div>
          </div>
        </Confirm>
        <Confirm session={session} action={`/dashboard/transfers/${offer.id}/decline`} label="Decline">
          <p>It stays with {offer.fromEmail}, who may offer it again.</p>
        </Confirm>
      </div>
    </article>
  );
}

/** Offered by this account: to be withdrawn as long as nobody has accepted. */
export function Outgoing({ session, offer, instance, refusal }: OfferProps) {
  return (
    <article class="panel" id={offer.id}>
      <Head offer={offer} instance={instance} isIncoming={false} />
      <p>It is yours, and so is what it uses, until they accept.</p>
      <Refused refusal={refusal} />
      <div class="actions">
        <Confirm session={session} action={`/dashboard/transfers/${offer.id}/cancel`} label="Withdraw">
          <p>Nobody can accept it any more. You may offer it again.</p>
        </Confirm>
        <a href={`/dashboard/instances/${offer.instanceId}`}>To the instance</a>
      </div>
    </article>
  );
}

function Refused({ refusal }: Pick<OfferProps, "refusal">) {
  return refusal && !refusal.isKey ? (
    <Note kind="bad">
      <p>
        {refusal.message} {refusal.hint}
      </p>
    </Note>
  ) : null;
}
