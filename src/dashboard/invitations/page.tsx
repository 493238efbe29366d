import type { Child } from "hono/jsx";
import { sessionCookie, sessionSecret } from "../../auth/session-cookie.ts";
import { acceptInvitation, declineInvitation } from "../../services/members/answer.ts";
import { findInvitation, type OpenInvitation } from "../../services/members/find-invitation.ts";
import { authenticateSession } from "../../services/sessions/authenticate.ts";
import { endSessionOf } from "../../services/sessions/end.ts";
import { authenticatePerson, type SignedInPerson } from "../../services/sessions/person.ts";
import { newSignInContext } from "../../services/sign-in/context.ts";
import { Form } from "../layout/form.tsx";
import { Facts } from "../layout/lists.tsx";
import { Moment, Note } from "../layout/parts.tsx";
import { Plain } from "../layout/plain.tsx";
import { requireTokenOf } from "../middleware/form-token.ts";
import { type DashboardContext, newPages } from "../route.ts";
import { invitationPath } from "./paths.ts";

interface Visit {
  secret: string;
  me: SignedInPerson;
  /** Undefined where the link opens nothing (any more), or was meant for somebody else. */
  invitation: OpenInvitation | undefined;
  isForSomebodyElse: boolean;
}

/** Who follows the link of an invitation: they sign in first, and then see who invites them to what. */
export const invitationPages = newPages()
  .get("/invitations/:secret", async (c) => {
    const visit = await readVisit(c);
    return visit instanceof Response
      ? visit
      : c.html(<InvitationPage {...visit} />, visit.invitation ? 200 : 404);
  })
  .post("/invitations/:secret/accept", async (c) => {
    const visit = await readVisit(c);
    if (visit instanceof Response) {
      return visit;
    }
    await requireTokenOf(c, visit.me);
    const { me, invitation } = visit;
    const answerer = { personId: me.person.id, sessionId: me.sessionId };
    const joined = invitation && (await acceptInvitation(contextOf(c), invitation, answerer));
    return joined
      ? c.redirect("/dashboard", 303)
      : c.html(<InvitationPage {...visit} invitation={undefined} />, 409);
  })
  .post("/invitations/:secret/decline", async (c) => {
    const visit = await readVisit(c);
    if (visit instanceof Response) {
      return visit;
    }
    await requireTokenOf(c, visit.me);
    if (visit.invitation) {
      await declineInvitation(contextOf(c), visit.invitation, { personId: visit.me.person.id });
    }
    const secret = sessionSecret(c.req.header("Cookie")) ?? "";
    if (await authenticateSession(c.env, secret, Date.now())) {
      return c.redirect("/dashboard", 303);
    }
    // They belong nowhere: there is nothing to be signed in to.
    await endSessionOf(contextOf(c), secret, "signed out");
    c.header("Set-Cookie", sessionCookie("", 0));
    return c.html(
      <Told title="You declined the invitation">
        <p>Nobody was let into anything, and the link opens nothing any more.</p>
      </Told>,
    );
  });

function contextOf(c: DashboardContext) {
  return newSignInContext(c.env, { requestId: c.var.requestId, now: Date.now() });
}

async function readVisit(c: DashboardContext): Promise<Visit | Response> {
  const secret = c.req.param("secret") ?? "";
  const cookie = sessionSecret(c.req.header("Cookie"));
  const me = cookie === undefined ? undefined : await authenticatePerson(c.env, cookie, Date.now());
  if (!me) {
    return c.redirect(`/sign-in?next=${encodeURIComponent(invitationPath(secret))}`, 303);
  }
  const found = await findInvitation(contextOf(c), secret);
  const isMine = found?.email === me.person.email;
  const isForSomebodyElse = found !== undefined && !isMine;
  return { secret, me, invitation: isMine ? found : undefined, isForSomebodyElse };
}

function InvitationPage({ secret, me, invitation, isForSomebodyElse }: Visit) {
  if (!invitation) {
    return (
      <Told title={isForSomebodyElse ? "This invitation is for another email" : "This invitation is over"}>
        <p>
          {isForSomebodyElse
            ? `You are signed in as ${me.person.email}. Sign in with the email that was invited, or ask for an invitation of this one.`
            : "It was answered, withdrawn, or is older than a week. Ask whoever invited you for a new one."}
        </p>
      </Told>
    );
  }
  const { accountName, accountEmail, invitedBy, role, expiresAt } = invitation;
  const path = invitationPath(secret);
  return (
    <Plain title="An invitation">
      <h1>You are invited to an account</h1>
      <Facts
        rows={[
          ["Account", accountName === accountEmail ? accountEmail : `${accountName} (${accountEmail})`],
          ["Invited by", invitedBy ?? undefined],
          ["You would be", role],
          ["You are", me.person.email],
          ["Open until", <Moment at={expiresAt} />],
        ]}
      />
      <Note>
        <p>
          {role === "owner"
            ? "Owners may do everything in an account: with its instances, its tokens and its people."
            : "Members see and use all instances of an account, make new ones and delete them. Owners say who belongs to it, and give instances away."}
        </p>
      </Note>
      <div class="actions">
        <Form session={me} action={`${path}/accept`}>
          <button type="submit" class="main">
            Accept
          </button>
        </Form>
        <Form session={me} action={`${path}/decline`}>
          <button type="submit">Decline</button>
        </Form>
      </div>
    </Plain>
  );
}

function Told({ title, children }: { title: string; children?: Child }) {
  return (
    <Plain title={title}>
      <h1>{title}</h1>
      {children}
      <p>
        <a class="button" href="/dashboard">
          To the dashboard
        </a>
      </p>
    </Plain>
  );
}
