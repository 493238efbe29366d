import { and, eq, gt, isNull } from "drizzle-orm";
import { formToken } from "../../auth/session-cookie.ts";
import { hashToken } from "../../auth/tokens.ts";
import { openDb } from "../../db/client.ts";
import { people, sessions } from "../../db/people.ts";
import { type Env, readConfig } from "../../env.ts";
import { isListed } from "../../env-oidc.ts";
import { IDLE_MS } from "./authenticate.ts";

/** Somebody who is signed in and may belong to no account yet: all they can do is answer an invitation. */
export interface SignedInPerson {
  sessionId: string;
  person: { id: string; email: string; name: string | null };
  formToken: string;
}

export async function authenticatePerson(
  env: Env,
  secret: string,
  now: number,
): Promise<SignedInPerson | undefined> {
  const allow = readConfig(env).oidc?.allow;
  const [row] = await openDb(env.DB)
    .select({
      sessionId: sessions.id,
      accountId: sessions.accountId,
      person: { id: people.id, email: people.email, name: people.name },
    })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.personId))
    .where(
      and(
        eq(sessions.hash, await hashToken(secret)),
        isNull(sessions.endedAt),
        gt(sessions.expiresAt, now),
        gt(sessions.lastSeenAt, now - IDLE_MS),
      ),
    )
    .limit(1);
  if (!row || !allow || !isListed(allow, row.person.email)) {
    return undefined;
  }
  const { sessionId, person, accountId } = row;
  return { sessionId, person, formToken: await formToken(secret, accountId) };
}
