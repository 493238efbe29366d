import { formToken } from "../../src/auth/session-cookie.ts";
import { hashToken } from "../../src/auth/tokens.ts";
import type { Role } from "../../src/db/people.ts";
import { newPersonId, newSessionId, newSessionSecret } from "../../src/ids.ts";
import { env, worker } from "./harness.ts";

/** A person in front of the dashboard, without a browser and without JavaScript. */
export interface Visitor {
  personId: string;
  email: string;
  accountId: string;
  sessionId: string;
  cookie: string;
  formToken: string;
  get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** Sends a form of their own session; redirects are not followed. */
  post: (
    path: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<Response>;
}

/** Signs somebody new in to an account, as `services/sessions/open.ts` does after the provider has vouched for them. */
export async function newVisitor(
  accountId: string,
  role: Role = "owner",
  as?: { email?: string },
): Promise<Visitor> {
  const visitor = await newGuest(accountId, as);
  await env.DB.prepare("INSERT INTO members (account_id, person_id, role, created_at) VALUES (?, ?, ?, ?)")
    .bind(accountId, visitor.personId, role, Date.now())
    .run();
  return visitor;
}

/** Somebody who is signed in and does not belong to the account: they came by an invitation. */
export async function newGuest(accountId: string, as?: { email?: string }): Promise<Visitor> {
  const personId = newPersonId();
  const email = as?.email ?? `${personId}@test`;
  await env.DB.prepare(
    "INSERT INTO people (id, issuer, subject, email, created_at) VALUES (?, 'https://issuer.test', ?, ?, ?)",
  )
    .bind(personId, personId, email, Date.now())
    .run();
  return openVisit({ personId, email, accountId }, "test");
}

/** The same person in another browser. */
export function visitAgain(
  visitor: Pick<Visitor, "personId" | "email" | "accountId">,
  userAgent: string,
): Promise<Visitor> {
  return openVisit(visitor, userAgent);
}

async function openVisit(
  { personId, email, accountId }: Pick<Visitor, "personId" | "email" | "accountId">,
  userAgent: string,
): Promise<Visitor> {
  const sessionId = newSessionId();
  const secret = newSessionSecret();
  const now = Date.now();
  const month = 30 * 24 * 3600 * 1000;
  await env.DB.prepare(
    `INSERT INTO sessions (id, person_id, account_id, hash, user_agent, created_at, last_seen_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
    .bind(sessionId, personId, accountId, await hashToken(secret), userAgent, now, now, now + month)
    .run();
  const cookie = `__Host-gentity=${secret}`;
  const token = await formToken(secret, accountId);
  const send = (path: string, init: RequestInit) =>
    worker.fetch(`http://localhost${path}`, { redirect: "manual", ...init });
  return {
    personId,
    email,
    accountId,
    sessionId,
    cookie,
    formToken: token,
    get: (path, headers) => send(path, { headers: { Cookie: cookie, Accept: "text/html", ...headers } }),
    post: (path, fields = {}, headers = {}) =>
      send(path, {
        method: "POST",
        headers: { Cookie: cookie, Accept: "text/html", Origin: "http://localhost", ...headers },
        body: new URLSearchParams({ formToken: token, ...fields }),
      }),
  };
}
