import type { Child } from "hono/jsx";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Form } from "./form.tsx";

/** Who is looking, at which account, and the way out. What is put in stands between the two: the other accounts of theirs. */
export function Who({ session, children }: { session: Session; children?: Child }) {
  const { person, account, role } = session;
  return (
    <div class="who">
      <details class="menu" data-menu>
        <summary>
          <span>{account.name ?? account.email}</span>
        </summary>
        <div>
          <p>
            {person.name ? <strong>{person.name}</strong> : null} {person.email}
            <br />
            <span class="quiet small">
              {role} of {account.name ?? account.email}
            </span>
          </p>
          <hr />
          <OtherAccounts session={session} />
          {children}
          <a href="/dashboard/settings/sessions">Sessions</a>
          <a href="/dashboard/settings/members">Members</a>
          <hr />
          <Form session={session} action="/sign-out">
            <button type="submit">Sign out</button>
          </Form>
        </div>
      </details>
    </div>
  );
}

/** The accounts that they belong to besides this one; each is one click away. */
function OtherAccounts({ session }: { session: Session }) {
  const others = session.accounts.filter(({ id }) => id !== session.account.id);
  return others.length === 0 ? null : (
    <>
      <Form session={session} action="/dashboard/switch">
        {others.map(({ id, name }) => (
          <button type="submit" name="account" value={id}>
            Switch to {name}
          </button>
        ))}
      </Form>
      <hr />
    </>
  );
}
