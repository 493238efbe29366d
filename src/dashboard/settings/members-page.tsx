import { may, RIGHTS, ROLES, type Role } from "../../auth/roles.ts";
import type { Invitation, Member } from "../../services/members/list.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Confirm, Copyable, Done } from "../layout/actions.tsx";
import { Field, Form } from "../layout/form.tsx";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Scroll } from "../layout/lists.tsx";
import { Moment, Note } from "../layout/parts.tsx";
import { SettingsNav } from "./nav.tsx";

export interface MembersForm {
  email?: string;
  role?: Role;
  /** Why what was asked for was not done. */
  mistake?: string;
  /** An invitation that was made a moment ago: the only time that its link is shown. */
  made?: { link: string; email: string; expiresAt: number };
}

interface MembersPageProps {
  session: Session;
  members: Member[];
  invitations: Invitation[];
  form: MembersForm;
  done: string | undefined;
}

const HERE = "/dashboard/settings/members";

const SAID = {
  role: "The role was changed. It counts from their next request on.",
  removed: "They are out: their sessions here have ended, and the tokens that they made are revoked.",
  withdrawn: "The invitation was withdrawn. Its link opens nothing any more.",
};

export function MembersPage({ session, members, invitations, form, done }: MembersPageProps) {
  const isOwner = may(session.role, "people");
  const isInviteForm = form.email !== undefined;
  return (
    <Frame session={session} title="Members" place="Settings">
      <PageHead
        title="Members"
        up={{ name: "Settings", path: "/dashboard/settings" }}
        about={`Who belongs to ${session.account.name ?? session.account.email}.`}
      />
      <SettingsNav current="Members" />
      <Done code={done} said={SAID} />
      {form.mistake !== undefined && !isInviteForm ? (
        <Note kind="bad">
          <p>{form.mistake}</p>
        </Note>
      ) : null}
      {form.made ? <Made {...form.made} /> : null}
      <MemberList session={session} members={members} isOwner={isOwner} />
      <Roles />
      {isOwner ? <InviteForm session={session} form={form} /> : null}
      {invitations.length > 0 ? (
        <InvitationList session={session} invitations={invitations} isOwner={isOwner} />
      ) : null}
    </Frame>
  );
}

function Made({ link, email, expiresAt }: { link: string; email: string; expiresAt: number }) {
  return (
    <section role="status" aria-labelledby="made">
      <h2 id="made">Send {email} this link</h2>
      <Note kind="warn">
        <p>
          It is shown this once, and we send no mail: pass it on yourself. It works once, until{" "}
          <Moment at={expiresAt} />, for whoever signs in with that email.
        </p>
      </Note>
      <Copyable text={link} what="the link" block />
    </section>
  );
}

function MemberList({
  session,
  members,
  isOwner,
}: {
  session: Session;
  members: Member[];
  isOwner: boolean;
}) {
  const owners = members.filter(({ role }) => role === "owner").length;
  return (
    <Scroll label="Members">
      <table>
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">Role</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <MemberRow
              session={session}
              member={member}
              isOwner={isOwner}
              isLastOwner={owners === 1 && member.role === "owner"}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

interface MemberRowProps {
  session: Session;
  member: Member;
  isOwner: boolean;
  /** Nothing takes them away: what would be refused is not offered. */
  isLastOwner: boolean;
}

function MemberRow({ session, member, isOwner, isLastOwner }: MemberRowProps) {
  const { personId, email, name, role, joinedAt } = member;
  const isSelf = personId === session.person.id;
  const other = role === "owner" ? "member" : "owner";
  return (
    <tr>
      <th scope="row">
        {email} {name ? <span class="quiet">{name}</span> : null}{" "}
        {isSelf ? <span class="badge">you</span> : null}
      </th>
      <td>{role}</td>
      <td>
        <Moment at={joinedAt} />
      </td>
      <td>
        <div class="actions">
          {isLastOwner ? <span class="quiet small">the only owner</span> : null}
          {isOwner && !isLastOwner ? (
            <Form session={session} action={`${HERE}/${personId}/role`}>
              <button
                type="submit"
                name="role"
                value={other}
                class="small"
                aria-label={`Make ${other}: ${email}`}
              >
                Make {other}
              </button>
            </Form>
          ) : null}
          {(isOwner || isSelf) && !isLastOwner ? (
            <Confirm
              session={session}
              action={`${HERE}/${personId}/remove`}
              label={isSelf ? "Leave" : "Remove"}
              danger
            >
              <p>
                {isSelf ? "You are" : `${email} is`} signed out of this account at once, and tokens that{" "}
                {isSelf ? "you" : "they"} made here stop working. Instances stay.
              </p>
            </Confirm>
          ) : null}
        </div>
      </td>
    </tr>
  );
}

/** The table of roles, told from the very one that is gone by. */
function Roles() {
  const texts = Object.values(RIGHTS).map(({ text }) => text);
  return (
    <details>
      <summary>What the roles may do</summary>
      <p>
        Everybody who belongs to the account sees its instances, makes, uses and deletes them, and makes
        tokens. A token may do what its maker may. Owners alone:
      </p>
      <ul>
        {texts.map((text) => (
          <li>{text}</li>
        ))}
      </ul>
    </details>
  );
}

function InviteForm({ session, form }: { session: Session; form: MembersForm }) {
  return (
    <section aria-labelledby="invite">
      <h2 id="invite">Invite somebody</h2>
      <Form session={session} action={`${HERE}/invite`}>
        <Field
          name="email"
          label="Email"
          hint="The one that they sign in with. You get a link to pass on; no mail is sent."
          error={form.email === undefined ? undefined : form.mistake}
        >
          <input
            id="email"
            name="email"
            type="email"
            required
            maxlength={254}
            autocomplete="off"
            value={form.made ? "" : form.email}
            aria-describedby="email-hint"
            aria-invalid={form.email !== undefined && form.mistake !== undefined ? "true" : undefined}
          />
        </Field>
        <Field name="role" label="Role">
          <select id="role" name="role">
            {[...ROLES].reverse().map((role) => (
              <option value={role} selected={role === (form.role ?? "member")}>
                {role}
              </option>
            ))}
          </select>
        </Field>
        <button type="submit" class="main">
          Make an invitation
        </button>
      </Form>
    </section>
  );
}

function InvitationList({
  session,
  invitations,
  isOwner,
}: {
  session: Session;
  invitations: Invitation[];
  isOwner: boolean;
}) {
  return (
    <section aria-labelledby="invited">
      <h2 id="invited">Invited</h2>
      <Scroll label="Invitations">
        <table>
          <thead>
            <tr>
              <th scope="col">Email</th>
              <th scope="col">Role</th>
              <th scope="col">Open until</th>
              <th scope="col">
                <span class="unseen">Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {invitations.map(({ id, email, role, expiresAt }) => (
              <tr>
                <th scope="row">{email}</th>
                <td>{role}</td>
                <td>
                  <Moment at={expiresAt} />
                </td>
                <td>
                  {isOwner ? (
                    <Form session={session} action={`${HERE}/invitations/${id}/withdraw`}>
                      <button type="submit" class="small" aria-label={`Withdraw the invitation of ${email}`}>
                        Withdraw
                      </button>
                    </Form>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
