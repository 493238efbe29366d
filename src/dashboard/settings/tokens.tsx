import { newTokenId } from "../../ids.ts";
import { createToken } from "../../services/tokens/create.ts";
import { listTokens, type TokenRow } from "../../services/tokens/list.ts";
import { revokeToken } from "../../services/tokens/revoke.ts";
import { Confirm, Copyable, Done } from "../layout/actions.tsx";
import { Field, Form } from "../layout/form.tsx";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Scroll } from "../layout/lists.tsx";
import { Empty, Moment, Note } from "../layout/parts.tsx";
import { type DashboardContext, newPages } from "../route.ts";
import { SettingsNav } from "./nav.tsx";

const PLACE = "/dashboard/settings/tokens";
const MAX_NAME = 100;
const SAID = { revoked: "The token is revoked: from the next request on it is nothing." };

export const tokenPages = newPages()
  .get(PLACE, (c) => page(c, {}))
  .post(PLACE, async (c) => {
    const body = await c.req.parseBody();
    const name = typeof body.name === "string" ? body.name.trim() : "";
    if (name === "" || name.length > MAX_NAME) {
      const mistake = name === "" ? "Give it a name." : `At most ${MAX_NAME} characters.`;
      return page(c, { name, mistake });
    }
    const { token, plaintext } = await createToken(c.var.ctx, { id: newTokenId(), name });
    // Shown in this very answer, and kept for no other: there is nothing to redirect to.
    return page(c, { minted: { token, plaintext } });
  })
  .post(`${PLACE}/:id/revoke`, async (c) => {
    await revokeToken(c.var.ctx, c.req.param("id"));
    return c.redirect(`${PLACE}?done=revoked`, 303);
  });

interface Shown {
  /** As it was typed, and what is wrong with it. */
  name?: string;
  mistake?: string;
  minted?: { token: TokenRow; plaintext: string };
}

async function page(c: DashboardContext, { name = "", mistake, minted }: Shown) {
  const { session, ctx } = c.var;
  const tokens = await listTokens(ctx);
  return c.html(
    <Frame session={session} title="Tokens" place="Settings" styles={["records.css"]} scripts={["tokens.js"]}>
      <PageHead title="Settings" about="Tokens are what programs and the command line sign in with." />
      <SettingsNav current="Tokens" />
      <Done code={c.req.query("done")} said={SAID} />
      {minted ? <Minted {...minted} origin={ctx.config.publicOrigin.origin} /> : null}
      <Form session={session} action={PLACE} class="filter hinted">
        <Field
          name="name"
          label="Name of a new token"
          hint="What it is for: a machine, a program"
          error={mistake}
        >
          <input
            type="text"
            id="name"
            name="name"
            value={name}
            maxlength={MAX_NAME}
            required
            autocomplete="off"
            aria-describedby="name-hint"
            aria-invalid={mistake === undefined ? undefined : "true"}
          />
        </Field>
        <div class="actions">
          <button type="submit" class="main">
            Mint a token
          </button>
        </div>
      </Form>
      {tokens.length === 0 ? (
        <Empty title="There are no tokens">
          <p>Mint one to use the command line or the API. It may do all that you may do here.</p>
        </Empty>
      ) : (
        <TokenTable tokens={tokens} session={session} />
      )}
    </Frame>,
    mistake === undefined ? 200 : 400,
  );
}

function Minted({ token, plaintext, origin }: { token: TokenRow; plaintext: string; origin: string }) {
  return (
    <Note kind="good">
      <h2>The token “{token.name}” is minted</h2>
      <p>
        <strong>This is the only time it is shown.</strong> Only its hash is kept. Copy it now:
      </p>
      <div class="once" data-once>
        <Copyable text={plaintext} what="the token" block />
      </div>
      <p>To sign in with it, run this and paste it:</p>
      <Copyable text={`gentity login --api-url ${origin}`} what="the command" block />
    </Note>
  );
}

function TokenTable({
  tokens,
  session,
}: { tokens: readonly TokenRow[] } & Pick<DashboardContext["var"], "session">) {
  return (
    <Scroll label="Tokens">
      <table class="cards">
        <caption>Newest first; revoked ones are in the audit events</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Begins with</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col" class="act">
              <span class="unseen">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map(({ id, name, prefix, createdAt, lastUsedAt }) => (
            <tr id={id}>
              <th scope="row">{name}</th>
              <td data-label="Begins with">
                <code>{prefix}…</code>
              </td>
              <td data-label="Created">
                <Moment at={createdAt} />
              </td>
              <td data-label="Last used">
                {lastUsedAt === null ? <span class="quiet">never</span> : <Moment at={lastUsedAt} />}
              </td>
              <td class="act">
                <Confirm session={session} action={`${PLACE}/${id}/revoke`} label="Revoke" danger>
                  <p>Whatever uses “{name}” is refused at once. This cannot be undone.</p>
                </Confirm>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
