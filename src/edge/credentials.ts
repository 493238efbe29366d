import { bearerToken } from "../auth/tokens.ts";
import { isTokenShaped } from "../ids.ts";
import { LINK_PARAMETER } from "./link.ts";

/**
 * What a visitor shows to pass the edge, where it stands in a request, and how a request looks without it: all of it is for the
 * edge alone, whatever the instance's access, so that a token that was sent for nothing is not handed to an agent either.
 */

const LINK_COOKIE = "__Host-gentity-link";
/** Browsers cannot give a WebSocket a header, only subprotocols. */
const BEARER_PROTOCOL = "gentity.bearer.";

/** The account token a request shows, as a header or as a WebSocket's subprotocol. */
export function shownToken({ headers }: Request): string | undefined {
  return bearerToken(headers.get("Authorization")) ?? protocolToken(headers);
}

function protocolToken(headers: Headers): string | undefined {
  const offered = bearerProtocol(headers)?.slice(BEARER_PROTOCOL.length);
  return offered !== undefined && isTokenShaped(offered) ? offered : undefined;
}

/** The proof in the URL, when there is one. It is made of characters that need no escape. */
export function linkInUrl(url: string): string | undefined {
  const at = url.indexOf("?");
  const part =
    at === -1
      ? undefined
      : url
          .slice(at + 1)
          .split("&")
          .find(isLinkPart);
  return part?.slice(LINK_PARAMETER.length + 1);
}

/** Usually one; a browser may keep another for the same page opened in another place. */
export function linksInCookie({ headers }: Request): string[] {
  const found = headers.get("Cookie")?.matchAll(/(?:^|;\s*)__Host-gentity-link=([^;]*)/g) ?? [];
  return [...found].slice(0, 3).map(([, proof = ""]) => proof);
}

/**
 * Keeps the proof in the browser. An instance in an iframe is a third party there, hence `SameSite=None`; `Partitioned` ties it to
 * the page around it. @param maxAgeSeconds until the link ends
 */
export function linkCookie(proof: string, maxAgeSeconds: number): string {
  return `${LINK_COOKIE}=${proof}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=${maxAgeSeconds}`;
}

/** Path and query without the proof; every other byte of it stays as it was. */
export function withoutLink(pathAndQuery: string): string {
  const at = pathAndQuery.indexOf("?");
  if (at === -1 || !pathAndQuery.includes(LINK_PARAMETER, at)) return pathAndQuery;
  const rest = pathAndQuery
    .slice(at + 1)
    .split("&")
    .filter((part) => !isLinkPart(part));
  return pathAndQuery.slice(0, at) + (rest.length === 0 ? "" : `?${rest.join("&")}`);
}

function isLinkPart(part: string): boolean {
  return part === LINK_PARAMETER || part.startsWith(`${LINK_PARAMETER}=`);
}

const OWN_COOKIE = /(^|[;,])\s*__Host-gentity[^;,]*/gi;

/** What of a header, whose name is in lower case, is the agent's to see; empty: nothing. */
export function agentsPart(name: string, value: string): string {
  switch (name) {
    case "authorization":
      return /^Bearer +gn_live_/i.test(value) ? "" : value;
    case "cookie":
      return /__Host-gentity/i.test(value) ? value.replace(OWN_COOKIE, "").replace(/^[;,]\s*/, "") : value;
    case "sec-websocket-protocol":
      return value.includes(BEARER_PROTOCOL)
        ? splitProtocols(value)
            .filter((offered) => !offered.startsWith(BEARER_PROTOCOL))
            .join(", ")
        : value;
    default:
      return value;
  }
}

function bearerProtocol(headers: Headers): string | undefined {
  return protocolsOf(headers).find((name) => name.startsWith(BEARER_PROTOCOL));
}

function protocolsOf(headers: Headers): string[] {
  const offered = headers.get("Sec-WebSocket-Protocol");
  return offered === null ? [] : splitProtocols(offered);
}

function splitProtocols(offered: string): string[] {
  return offered.split(",").map((name) => name.trim());
}

/** What an agent answered, without cookies that are not its to set. Most answers are passed on as they are. */
export function guardAnswer(request: Request, response: Response, baseDomain: string): Response {
  const cookies = response.headers.has("Set-Cookie") ? response.headers.getSetCookie() : [];
  const allowed = cookies.filter((line) => maySetCookie(line, baseDomain));
  const protocol = response.status === 101 ? soleBearerProtocol(request, response) : undefined;
  if (allowed.length === cookies.length && protocol === undefined) {
    return response;
  }
  const guarded = new Response(response.body, response);
  guarded.headers.delete("Set-Cookie");
  for (const line of allowed) {
    guarded.headers.append("Set-Cookie", line);
  }
  if (protocol !== undefined) {
    guarded.headers.set("Sec-WebSocket-Protocol", protocol);
  }
  return guarded;
}

/** Where the token was all that was offered, the agent chose nothing: but a browser insists on one that it offered. */
function soleBearerProtocol(request: Request, response: Response): string | undefined {
  const offered = protocolsOf(request.headers);
  return offered.length === 1 && !response.headers.has("Sec-WebSocket-Protocol")
    ? bearerProtocol(request.headers)
    : undefined;
}

/**
 * Whether an agent may set this cookie. None of our names, and none for the whole base domain: it would be sent to every other
 * instance and to the control plane, in place of theirs.
 */
export function maySetCookie(line: string, baseDomain: string): boolean {
  const [pair = "", ...attributes] = line.split(";");
  // A cookie without a name is sent as its bare value, so "=__Host-…" is as good as ours.
  if (/^[\s=]*__host-gentity/i.test(pair)) return false;
  return !attributes.some((attribute) => {
    const [name = "", value = ""] = attribute.split("=").map((part) => part.trim().toLowerCase());
    const domain = value.replace(/^\./, "").replace(/\.$/, "");
    return name === "domain" && domain !== "" && (domain === baseDomain || baseDomain.endsWith(`.${domain}`));
  });
}
