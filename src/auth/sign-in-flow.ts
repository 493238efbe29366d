import { newFlowSecret } from "../ids.ts";

/**
 * A sign-in that has begun, in the cookie of the browser that began it and nowhere else. What the provider is sent, and what
 * its answer is checked by, is derived from the cookie's secret together with all else it says: an answer fits the one browser
 * that asked for it, and a cookie that was altered fits no answer.
 */
export interface Flow {
  state: string;
  nonce: string;
  codeVerifier: string;
  /** Where to go afterwards: a path of ours. */
  next: string;
}

/** Time enough to find one's password and second factor, in milliseconds. */
export const FLOW_MS = 15 * 60_000;
/** One cookie for each, so that two tabs can sign in at once; older ones are given up. */
const MAX_FLOWS = 4;

const PREFIX = "__Host-gentity-flow-";

/** @returns also the `Set-Cookie` headers: this flow's, and those that take back what is too many. */
export async function beginFlow(
  next: string,
  now: number,
  cookies: string | undefined,
): Promise<{ flow: Flow; setCookies: string[] }> {
  const value = `${newFlowSecret()}.${now.toString(36)}.${encodeURIComponent(next)}`;
  const flow = await derive(value, next);
  const given = flowCookies(cookies).sort((a, b) => startedAt(b.value) - startedAt(a.value));
  const tooMany = given.slice(MAX_FLOWS - 1).map(({ name }) => setCookie(name, "", 0));
  return { flow, setCookies: [...tooMany, setCookie(nameOf(flow.state), value, FLOW_MS / 1000)] };
}

/** The flow that an answer with this state belongs to; undefined where this browser has begun none, or too long ago. */
export async function findFlow(
  state: string,
  now: number,
  cookies: string | undefined,
): Promise<Flow | undefined> {
  const value = flowCookies(cookies).find(({ name }) => name === nameOf(state))?.value;
  if (value === undefined || now - startedAt(value) > FLOW_MS) {
    return undefined;
  }
  const flow = await derive(value, safeNext(decode(value.split(".")[2] ?? "")));
  return flow.state === state ? flow : undefined;
}

/** The `Set-Cookie` that ends a flow: an answer is looked at once. */
export function endFlow(state: string): string {
  return setCookie(nameOf(state), "", 0);
}

/**
 * A path of this site, or the dashboard's. It is judged as a browser will read it: `//host`, `/\host`, and what only becomes
 * one of them when dots and tabs are taken out, lead elsewhere.
 */
export function safeNext(wished: string | undefined): string {
  const base = "https://here.invalid";
  if (!wished?.startsWith("/") || wished.length > 1000 || !URL.canParse(wished, base)) {
    return HOME;
  }
  const { origin, pathname, search } = new URL(wished, base);
  const isElsewhere = origin !== base || pathname.startsWith("//");
  const isSignIn = pathname === "/sign-out" || pathname === "/sign-in" || pathname.startsWith("/sign-in/");
  return isElsewhere || isSignIn ? HOME : pathname + search;
}

const HOME = "/dashboard";

async function derive(value: string, next: string): Promise<Flow> {
  const [state, nonce, codeVerifier] = await Promise.all(
    ["state", "nonce", "verifier"].map((what) => digest(`${what}:${value}`)),
  );
  return { state: state ?? "", nonce: nonce ?? "", codeVerifier: codeVerifier ?? "", next };
}

/** 43 characters of base64url, as a code verifier has to have at least. */
async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function nameOf(state: string): string {
  return PREFIX + state.slice(0, 12);
}

function flowCookies(header = ""): { name: string; value: string }[] {
  return header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(PREFIX))
    .map((pair) => {
      const at = pair.indexOf("=");
      return { name: pair.slice(0, at), value: pair.slice(at + 1) };
    });
}

function startedAt(value: string): number {
  const at = Number.parseInt(value.split(".")[1] ?? "", 36);
  return Number.isSafeInteger(at) ? at : 0;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return HOME;
  }
}

function setCookie(name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=Lax`;
}
