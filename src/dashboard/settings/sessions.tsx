import { sessionCookie } from "../../auth/session-cookie.ts";
import { AppError } from "../../errors.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { endSession } from "../../services/sessions/end.ts";
import { endOtherSessions } from "../../services/sessions/end-others.ts";
import { listSessions, type OpenSession } from "../../services/sessions/list.ts";
import { Done } from "../layout/actions.tsx";
import { Form } from "../layout/form.tsx";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Scroll } from "../layout/lists.tsx";
import { Moment } from "../layout/parts.tsx";
import { newPages } from "../route.ts";
import { deviceOf } from "./device.ts";
import { SettingsNav } from "./nav.tsx";

const HERE = "/dashboard/settings/sessions";

const SAID = {
  ended: "That session has ended. Whoever used it has to sign in again.",
  others: "All other sessions have ended.",
};

/** Where one is signed in: at most a hundred rows by an index. */
export const sessionsPages = newPages()
  .get(HERE, async (c) => {
    const { session, ctx } = c.var;
    const sessions = await listSessions(ctx, session.person.id);
    return c.html(<SessionsPage session={session} sessions={sessions} done={c.req.query("done")} />);
  })
  .post(`${HERE}/end-others`, async (c) => {
    const { session, ctx } = c.var;
    await endOtherSessions(ctx, session.person.id, session.id);
    return c.redirect(`${HERE}?done=others`, 303);
  })
  .post(`${HERE}/end-all`, async (c) => {
    const { session, ctx } = c.var;
    // The others first: cut off in between, one is signed in here still and can do it again.
    await endOtherSessions(ctx, session.person.id, session.id);
    const { id, person, account } = session;
    await endSession(ctx, { id, personId: person.id, accountId: account.id }, "signed out");
    c.header("Set-Cookie", sessionCookie("", 0));
    return c.redirect("/sign-in?done=signed-out", 303);
  })
  .post(`${HERE}/:id/end`, async (c) => {
    const { session, ctx } = c.var;
    const personId = session.person.id;
    const id = c.req.param("id");
    const found = (await listSessions(ctx, personId)).find((each) => each.id === id);
    if (!found) {
      throw new AppError("not_found", "You have no such session, or it has ended already.");
    }
    await endSession(ctx, { id, personId, accountId: found.accountId }, "ended elsewhere");
    return c.redirect(id === session.id ? "/sign-in?done=signed-out" : `${HERE}?done=ended`, 303);
  });

interface SessionsPageProps {
  session: Session;
  sessions: OpenSession[];
  done: string | undefined;
}

function SessionsPage({ session, sessions, done }: SessionsPageProps) {
  return (
    <Frame session={session} title="Sessions" place="Settings">
      <PageHead
        title="Sessions"
        up={{ name: "Settings", path: "/dashboard/settings" }}
        about={`Where you are signed in as ${session.person.email}. A session ends after 30 days, or a week in which nobody used it.`}
      />
      <SettingsNav current="Sessions" />
      <Done code={done} said={SAID} />
      <Scroll label="Sessions">
        <table>
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col">Account</th>
              <th scope="col">Signed in</th>
              <th scope="col">Last seen</th>
              <th scope="col">
                <span class="unseen">Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((each) => (
              <Row session={session} each={each} />
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="quiet">
        Tokens are no sessions: they work on, and are revoked at{" "}
        <a href="/dashboard/settings/tokens">Tokens</a>.
      </p>
      <div class="actions">
        <Form session={session} action={`${HERE}/end-others`}>
          <button type="submit" disabled={sessions.length < 2}>
            End all others
          </button>
        </Form>
        <Form session={session} action={`${HERE}/end-all`}>
          <button type="submit">Sign out everywhere</button>
        </Form>
      </div>
    </Frame>
  );
}

function Row({ session, each }: { session: Session; each: OpenSession }) {
  const isThis = each.id === session.id;
  const device = deviceOf(each.userAgent);
  return (
    <tr>
      <th scope="row" title={each.userAgent}>
        {device} {isThis ? <span class="badge">this one</span> : null}
      </th>
      <td>{each.accountName}</td>
      <td>
        <Moment at={each.createdAt} />
      </td>
      <td>
        <Moment at={each.lastSeenAt} />
      </td>
      <td>
        {isThis ? null : (
          <Form session={session} action={`${HERE}/${each.id}/end`}>
            <button type="submit" class="small" aria-label={`End the session on ${device}`}>
              End
            </button>
          </Form>
        )}
      </td>
    </tr>
  );
}
