/** A real OpenID provider, certified as such, with people who have no passwords. */
import Provider, { type AdapterFactory, type Configuration } from "oidc-provider";
import type { OpenidRecords } from "./records.ts";
import { problemPage } from "./sign-in-page.ts";

export interface OpenidClient {
  id: string;
  /** Absent: a public client. */
  secret?: string;
  redirectUris: string[];
}

const HOUR = 3600;

export function newProvider(
  issuer: string,
  records: OpenidRecords,
  clients: OpenidClient[],
  adapter: AdapterFactory,
): Provider {
  return new Provider(issuer, {
    adapter,
    clients: clients.map(({ id, secret, redirectUris }) => ({
      client_id: id,
      ...(secret === undefined ? {} : { client_secret: secret }),
      token_endpoint_auth_method: secret === undefined ? "none" : "client_secret_basic",
      redirect_uris: redirectUris,
      response_types: ["code"],
      grant_types: ["authorization_code"],
    })),
    jwks: { keys: records.keys },
    cookies: { keys: [records.cookieKey] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    // What was asked for by scope stands in the ID token too, as with most providers.
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
    },
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    // Nobody is asked whether our own dashboard may know who they are.
    async loadExistingGrant(ctx) {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    async findAccount(_, subject) {
      const person = records.find(subject);
      return person && { accountId: subject, claims: async () => claimsOf(person) };
    },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      Grant: HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      Session: HOUR,
    },
    renderError(ctx, { error, error_description: description }) {
      ctx.type = "html";
      ctx.body = problemPage([error, description].filter(Boolean).join(": "));
    },
  } satisfies Configuration);
}

function claimsOf(person: { subject: string; email: string; isVerified: boolean; name: string }) {
  const { subject: sub, email, isVerified, name } = person;
  return { sub, email, email_verified: isVerified, name };
}
