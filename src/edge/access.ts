import { hashToken } from "../auth/tokens.ts";
import { instanceUrl, readConfig } from "../env.ts";
import { linkCookie, linkInUrl, linksInCookie, shownToken, withoutLink } from "./credentials.ts";
import { pathOf } from "./forward.ts";
import { linkEnd } from "./link.ts";
import { Memory } from "./memory.ts";
import { networkOf } from "./misses.ts";
import { UNAUTHORISED } from "./notices.ts";
import { noticeResponse } from "./pages.ts";
import { patiently } from "./patience.ts";
import type { Route } from "./route.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";

/** Accounts by the hash of a token that was good a moment ago: a revoked one is dead everywhere within ten seconds. */
const bearers = new Memory<string>(10_000);
/** Clients that show one unknown token after another: theirs are not looked up for a while. */
const guessers = new Throttle(60_000, 10_000);
/** When links end that were checked before, by what they were checked for: a page asks with the same one many times. */
const checked = new Map<string, number>();
const CHECKED_CAPACITY = 10_000;

/**
 * Who may pass to an instance that asks for more than its address, judged before anything is said of it or done to it: whoever is
 * refused learns no more than that there is something, and wakes nothing.
 * @returns undefined for those who may pass, else their answer.
 */
export async function refuseOrLetIn(visit: Visit, route: Route): Promise<Response | undefined> {
  if (route.access === "link" || (await showsOwnersToken(visit, route))) {
    return undefined;
  }
  if (route.access === "signed") {
    const inUrl = await checkLink(visit, route, linkInUrl(visit.request.url));
    if (inUrl) {
      return isNavigation(visit.request) ? keepLink(visit, inUrl) : undefined;
    }
    for (const proof of linksInCookie(visit.request)) {
      if (await checkLink(visit, route, proof)) return undefined;
    }
  }
  visit.trace.outcome = "denied";
  const answer = noticeResponse(visit.request, UNAUTHORISED);
  answer.headers.set("WWW-Authenticate", 'Bearer realm="gentity"');
  return answer;
}

async function showsOwnersToken(visit: Visit, { accountId }: Route): Promise<boolean> {
  const token = shownToken(visit.request);
  return token !== undefined && (await accountOf(visit, token)) === accountId;
}

async function accountOf({ env, ctx, clientIp }: Visit, token: string): Promise<string | undefined> {
  const client = networkOf(clientIp);
  if (guessers.isHeld(client, Date.now())) {
    return undefined;
  }
  const accountId = await bearers.find(await hashToken(token), {
    lookUp: (shown) => patiently("edge.token_lookup_failed", lookUpBearer(env.DB, shown)),
    now: Date.now,
    background: (work) => ctx.waitUntil(work),
  });
  if (accountId === undefined && !(await env.MISS_LIMIT.limit({ key: `token ${client}` })).success) {
    guessers.hold(client, Date.now());
  }
  return accountId;
}

/** One row from the primary: a replica may not know yet that a token was revoked. */
async function lookUpBearer(db: D1Database, hash: string): Promise<string | undefined> {
  const row = await db
    .withSession("first-primary")
    .prepare(
      "SELECT accounts.id FROM tokens JOIN accounts ON accounts.id = tokens.account_id WHERE tokens.hash = ?1 AND tokens.revoked_at IS NULL AND accounts.suspended_at IS NULL",
    )
    .bind(hash)
    .first<{ id: string }>();
  return row?.id;
}

interface Link {
  proof: string;
  endsAt: number;
}

async function checkLink(
  { env, subdomain }: Visit,
  { instanceId }: Route,
  proof: string | undefined,
): Promise<Link | undefined> {
  if (proof === undefined) {
    return undefined;
  }
  const key = `${instanceId} ${subdomain} ${proof}`;
  const now = Date.now();
  const endsAt =
    checked.get(key) ?? (await linkEnd(readConfig(env), { instanceId, subdomain }, { proof, now }));
  if (endsAt === undefined || endsAt <= now) {
    return undefined;
  }
  if (checked.size >= CHECKED_CAPACITY) {
    checked.clear();
  }
  checked.set(key, endsAt);
  return { proof, endsAt };
}

/** Whether a browser is about to show a page, which then asks for more without the proof in its URL. */
function isNavigation({ method, headers }: Request): boolean {
  const mode = headers.get("Sec-Fetch-Mode");
  return (
    method === "GET" &&
    !headers.has("Upgrade") &&
    (mode === null ? headers.get("Accept")?.includes("text/html") === true : mode === "navigate")
  );
}

/** The proof moves from the URL, which is shown, kept and passed on, into a cookie. */
function keepLink({ request, env, subdomain, trace }: Visit, { proof, endsAt }: Link): Response {
  trace.outcome = "notice";
  const { origin } = new URL(instanceUrl(readConfig(env), subdomain));
  return new Response(null, {
    status: 303,
    headers: {
      Location: origin + withoutLink(pathOf(request.url)),
      "Set-Cookie": linkCookie(proof, Math.max(1, Math.floor((endsAt - Date.now()) / 1000))),
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    },
  });
}
