import { ROLES, type Role } from "../../auth/roles.ts";
import { sessionCookie } from "../../auth/session-cookie.ts";
import { AppError } from "../../errors.ts";
import { changeRole } from "../../services/members/change-role.ts";
import { invite } from "../../services/members/invite.ts";
import { listInvitations, listMembers } from "../../services/members/list.ts";
import { removeMember } from "../../services/members/remove.ts";
import { withdrawInvitation } from "../../services/members/withdraw.ts";
import { invitationPath } from "../invitations/paths.ts";
import { type DashboardContext, newPages } from "../route.ts";
import { type MembersForm, MembersPage } from "./members-page.tsx";

const HERE = "/dashboard/settings/members";

/** Who belongs to the account: two reads by an index, of at most two hundred rows each. */
export const membersPages = newPages()
  .get(HERE, (c) => show(c, {}))
  .post(`${HERE}/invite`, async (c) => {
    const { email: typed, role: chosen } = await c.req.parseBody();
    const email = typeof typed === "string" ? typed : "";
    const role = roleOf(chosen);
    try {
      const { secret, expiresAt } = await invite(c.var.ctx, { email, role });
      // Shown once: it is in this answer and nowhere else.
      const link = new URL(invitationPath(secret), c.req.url).href;
      return show(c, { made: { link, email: email.trim().toLowerCase(), expiresAt } }, 201);
    } catch (error) {
      return refused(c, error, { email, role });
    }
  })
  .post(`${HERE}/:person/role`, async (c) => {
    const { role } = await c.req.parseBody();
    try {
      await changeRole(c.var.ctx, c.req.param("person"), roleOf(role));
    } catch (error) {
      return refused(c, error, {});
    }
    return c.redirect(`${HERE}?done=role`, 303);
  })
  .post(`${HERE}/:person/remove`, async (c) => {
    const personId = c.req.param("person");
    try {
      await removeMember(c.var.ctx, personId);
    } catch (error) {
      return refused(c, error, {});
    }
    if (personId === c.var.session.person.id) {
      // Their session here has ended together with it.
      c.header("Set-Cookie", sessionCookie("", 0));
      return c.redirect("/sign-in?done=signed-out", 303);
    }
    return c.redirect(`${HERE}?done=removed`, 303);
  })
  .post(`${HERE}/invitations/:invitation/withdraw`, async (c) => {
    try {
      await withdrawInvitation(c.var.ctx, c.req.param("invitation"));
    } catch (error) {
      return refused(c, error, {});
    }
    return c.redirect(`${HERE}?done=withdrawn`, 303);
  });

/** What nobody has said is the lesser one. */
function roleOf(text: unknown): Role {
  return ROLES.find((role) => role === text) ?? "member";
}

/** What was refused is said on the page itself, with what had been typed. */
function refused(c: DashboardContext, error: unknown, form: Pick<MembersForm, "email" | "role">) {
  if (!(error instanceof AppError) || error.status >= 500) {
    throw error;
  }
  return show(c, { ...form, mistake: [error.message, error.hint].filter(Boolean).join(" ") }, error.status);
}

async function show(c: DashboardContext, form: MembersForm, status = 200): Promise<Response> {
  const { session, ctx } = c.var;
  const [members, invitations] = await Promise.all([listMembers(ctx), listInvitations(ctx)]);
  const page = { session, members, invitations, form, done: c.req.query("done") };
  return c.html(<MembersPage {...page} />, status as 200);
}
