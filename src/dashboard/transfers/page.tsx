import { AppError } from "../../errors.ts";
import { acceptTransfer } from "../../services/transfers/accept.ts";
import { decideTransfer } from "../../services/transfers/decide.ts";
import type { TransferView } from "../../services/transfers/internal.ts";
import { listTransfers, readOffered } from "../../services/transfers/list.ts";
import { Done } from "../layout/actions.tsx";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Pagination } from "../layout/lists.tsx";
import { Empty } from "../layout/parts.tsx";
import { type DashboardContext, newPages } from "../route.ts";
import { History } from "./history.tsx";
import { Incoming, Outgoing, type Refusal } from "./offers.tsx";

const PLACE = "/dashboard/transfers";
/** More open offers than anybody looks at; they close by themselves within a week. */
const MAX_OPEN = 90;
const PAGE = 50;

const SAID = {
  accepted: (
    <>
      The instance is yours, at a new URL: <a href="/dashboard">see it among your instances</a>.
    </>
  ),
  declined: "The offer is declined. The instance stays where it was.",
  cancelled: "The offer is withdrawn. Nobody can accept it any more.",
};

export const transferPages = newPages()
  .get(PLACE, (c) => page(c))
  .post(`${PLACE}/:id/accept`, async (c) => {
    const body = await c.req.parseBody();
    const key = typeof body.apiKey === "string" ? body.apiKey.trim() : "";
    const apiKey = key === "" ? undefined : key;
    return decide(c, "accepted", (id) => acceptTransfer(c.var.ctx, { id, apiKey }));
  })
  .post(`${PLACE}/:id/decline`, (c) =>
    decide(c, "declined", (id) => decideTransfer(c.var.ctx, id, "decline")),
  )
  .post(`${PLACE}/:id/cancel`, (c) =>
    decide(c, "cancelled", (id) => decideTransfer(c.var.ctx, id, "cancel")),
  );

/** What was refused is said at the offer, as long as there is one to say it at. */
async function decide(c: DashboardContext, done: keyof typeof SAID, act: (id: string) => Promise<unknown>) {
  const id = c.req.param("id") ?? "";
  try {
    await act(id);
  } catch (error) {
    if (error instanceof AppError && error.status < 500 && error.code !== "not_found") {
      const { message, hint, code, status } = error;
      return page(c, { id, message, hint, isKey: code === "invalid_api_key" }, status);
    }
    throw error;
  }
  return c.redirect(`${PLACE}?done=${done}`, 303);
}

async function page(c: DashboardContext, refusal?: Refusal, status = 200) {
  const { session, ctx } = c.var;
  const cursor = c.req.query("cursor");
  const [open, decided] = await Promise.all([
    listTransfers(ctx, { limit: MAX_OPEN, which: "offered" }),
    listTransfers(ctx, { limit: PAGE, cursor, which: "decided" }),
  ]);
  // What has run out is over, also where its object has not yet been told so by its alarm.
  const offers = open.items.filter(({ expiresAt }) => expiresAt > ctx.now);
  const instances = await readOffered(ctx, offers);
  const toProps = (offer: TransferView) => ({
    session,
    offer,
    instance: instances.get(offer.instanceId),
    refusal: refusal?.id === offer.id ? refusal : undefined,
  });
  const isMine = ({ fromAccount }: TransferView) => fromAccount === ctx.accountId;
  const incoming = offers.filter((offer) => !isMine(offer));
  const outgoing = offers.filter(isMine);
  const orphaned = refusal && !offers.some(({ id }) => id === refusal.id) ? refusal : undefined;
  return c.html(
    <Frame session={session} title="Transfers" place="Transfers" styles={["records.css"]}>
      <PageHead title="Transfers" about="Instances that change hands: all of one, in one moment." />
      <Done code={c.req.query("done")} said={SAID} />
      {orphaned ? (
        <p role="alert" class="mistake">
          {orphaned.message} {orphaned.hint}
        </p>
      ) : null}
      {offers.length + decided.items.length === 0 && cursor === undefined ? (
        <Nothing email={session.account.email} />
      ) : (
        <>
          <h2>Offered to you</h2>
          {incoming.length === 0 ? <p class="quiet">Nothing at the moment.</p> : null}
          {incoming.map((offer) => (
            <Incoming {...toProps(offer)} />
          ))}
          <h2>Offered by you</h2>
          {outgoing.length === 0 ? (
            <p class="quiet">Nothing at the moment. An instance's own page offers it.</p>
          ) : null}
          {outgoing.map((offer) => (
            <Outgoing {...toProps(offer)} />
          ))}
          <h2>History</h2>
          {decided.items.length === 0 ? (
            <p class="quiet">Nothing was decided yet.</p>
          ) : (
            <>
              <History decided={decided.items} accountId={ctx.accountId} />
              <Pagination
                shown={`${decided.items.length} decided`}
                first={cursor === undefined ? undefined : PLACE}
                next={decided.nextCursor === null ? undefined : `${PLACE}?cursor=${decided.nextCursor}`}
              />
            </>
          )}
        </>
      )}
    </Frame>,
    status as 200,
  );
}

function Nothing({ email }: { email: string }) {
  return (
    <Empty title="Nothing was transferred yet">
      <p>
        On its own page, an instance can be offered to another account. What somebody offers to{" "}
        <strong>{email}</strong> will stand here.
      </p>
    </Empty>
  );
}
