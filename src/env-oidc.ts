/** Who vouches for people, and whom of those this deployment lets in. */
export interface OidcEnv {
  /** The provider's issuer, e.g. `https://accounts.google.com`; absent: there is no sign-in. */
  OIDC_ISSUER?: string;
  OIDC_CLIENT_ID?: string;
  /** Absent: a public client, which PKCE alone protects. */
  OIDC_CLIENT_SECRET?: string;
  /** Emails and domains, comma-separated; `*`: everybody; absent: nobody who was not let in by name. */
  OIDC_ALLOW?: string;
}

export interface OidcConfig {
  issuer: URL;
  clientId: string;
  clientSecret: string | undefined;
  allow: AllowList;
}

/**
 * Who may sign in. `listed` counts for everybody at all times: taken off the list, one is out. `invited` are those whom an
 * operator has made an account for, who belong to one, or whom an owner has invited.
 */
export type AllowList =
  | { kind: "everybody" }
  | { kind: "listed"; emails: readonly string[]; domains: readonly string[] }
  | { kind: "invited" };

/** @throws Error that names the variable which is malformed. */
export function readOidcConfig(env: OidcEnv): OidcConfig | undefined {
  if (!(env.OIDC_ISSUER && env.OIDC_CLIENT_ID)) {
    return undefined;
  }
  const issuer = URL.canParse(env.OIDC_ISSUER) ? new URL(env.OIDC_ISSUER) : undefined;
  if (issuer?.protocol !== "https:" && !(issuer?.protocol === "http:" && isLoopback(issuer))) {
    throw new Error("OIDC_ISSUER must be an https URL");
  }
  return {
    issuer,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET || undefined,
    allow: parseAllowList(env.OIDC_ALLOW ?? ""),
  };
}

/** This very computer: the one place to which a request needs no TLS to be safe from others. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

export function isListed(allow: AllowList, email: string): boolean {
  if (allow.kind !== "listed") {
    return true;
  }
  const address = email.toLowerCase();
  return (
    allow.emails.includes(address) || allow.domains.includes(address.slice(address.lastIndexOf("@") + 1))
  );
}

function parseAllowList(text: string): AllowList {
  const entries = text
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "");
  if (entries.length === 0) {
    return { kind: "invited" };
  }
  if (entries.includes("*")) {
    return { kind: "everybody" };
  }
  const isEmail = (entry: string) => entry.lastIndexOf("@") > 0;
  const domains = entries.filter((entry) => !isEmail(entry)).map((entry) => entry.replace(/^@/, ""));
  if (domains.some((domain) => !/^[a-z0-9.-]+$/.test(domain))) {
    throw new Error("OIDC_ALLOW must be a comma-separated list of emails and domains, or *");
  }
  return { kind: "listed", emails: entries.filter(isEmail), domains };
}
