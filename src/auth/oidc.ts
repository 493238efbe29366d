import * as oidc from "openid-client";
import { isLoopback, type OidcConfig } from "../env-oidc.ts";
import { describeError } from "../log.ts";
import type { Flow } from "./sign-in-flow.ts";

/** Who somebody is, by the word of the provider. Issuer and subject are the identity; the rest may change. */
export interface Identity {
  issuer: string;
  subject: string;
  /** In lower case; undefined where the provider tells none, or does not say that it is theirs. */
  verifiedEmail: string | undefined;
  name: string | null;
}

/** Why the provider did not vouch for anybody: a closed set, with what to tell people of each in `dashboard/sign-in/problems.ts`. */
export type ProviderProblem = "denied" | "answer_used" | "answer_invalid" | "refused" | "unreachable";

export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly problem: ProviderProblem;

  constructor(problem: ProviderProblem, cause: unknown) {
    super(describeError(cause), { cause });
    this.problem = problem;
  }
}

/** Of a request to the provider, in seconds: somebody waits. */
const TIMEOUT_SECONDS = 10;
/** By how much the provider's clock may differ from ours. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** For how long an isolate sends people to where the provider said it is. */
const REMEMBER_MS = 5 * 60_000;

const remembered = new WeakMap<OidcConfig, { at: number; provider: oidc.Configuration }>();

/** Where to send somebody to sign in. @throws ProviderError when the provider cannot be reached. */
export async function signInUrl(
  config: OidcConfig,
  flow: Flow,
  redirectUri: string,
  now: number,
): Promise<string> {
  const known = remembered.get(config);
  const provider = known && now - known.at < REMEMBER_MS ? known.provider : await discover(config);
  if (provider !== known?.provider) {
    remembered.set(config, { at: now, provider });
  }
  const url = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: redirectUri,
    scope: "openid email profile",
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(flow.codeVerifier),
    code_challenge_method: "S256",
  });
  return url.href;
}

/**
 * Who the provider says they are, for its answer to `flow`: the code is exchanged for an ID token, whose issuer, audience, nonce
 * and times are checked, and its signature against the keys that the provider publishes at this moment. Nothing is remembered
 * from before, so a key that was rotated a second ago is known, and one that was taken back is not.
 * @throws ProviderError
 */
export async function readAnswer(config: OidcConfig, flow: Flow, answer: URL): Promise<Identity> {
  const provider = await discover(config);
  oidc.enableNonRepudiationChecks(provider);
  try {
    const tokens = await oidc.authorizationCodeGrant(provider, answer, {
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      pkceCodeVerifier: flow.codeVerifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) {
      throw new Error("the answer holds no ID token");
    }
    // Some providers tell it there only.
    const isTold = claims.email !== undefined && claims.email_verified !== undefined;
    const more =
      isTold || provider.serverMetadata().userinfo_endpoint === undefined
        ? undefined
        : await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub);
    return identityOf({ ...more, ...claims });
  } catch (error) {
    throw new ProviderError(problemOf(error), error);
  }
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<oidc.Configuration> {
  try {
    return await oidc.discovery(
      issuer,
      clientId,
      { client_secret: clientSecret, [oidc.clockTolerance]: CLOCK_TOLERANCE_SECONDS },
      authenticateClient(clientSecret),
      { timeout: TIMEOUT_SECONDS, execute: isLoopback(issuer) ? [oidc.allowInsecureRequests] : [] },
    );
  } catch (error) {
    throw new ProviderError("unreachable", error);
  }
}

/** As the provider says that it takes it; basic is what it takes if it says nothing. */
function authenticateClient(secret: string | undefined): oidc.ClientAuth {
  return (as, client, body, headers) => {
    const methods = as.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const byPost = !methods.includes("client_secret_basic") && methods.includes("client_secret_post");
    const auth =
      secret === undefined
        ? oidc.None()
        : byPost
          ? oidc.ClientSecretPost(secret)
          : oidc.ClientSecretBasic(secret);
    return auth(as, client, body, headers);
  };
}

function identityOf(claims: Record<string, unknown>): Identity {
  const { iss, sub, email, email_verified: verified, name } = claims;
  // Some say it as a text.
  const isVerified = verified === true || verified === "true";
  const isEmail = typeof email === "string" && email.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(email);
  return {
    issuer: String(iss),
    subject: String(sub),
    verifiedEmail: isEmail && isVerified ? email.toLowerCase() : undefined,
    name: typeof name === "string" && name.trim() !== "" ? name.trim().slice(0, 100) : null,
  };
}

function problemOf(error: unknown): ProviderProblem {
  if (error instanceof oidc.AuthorizationResponseError) {
    return error.error === "access_denied" ? "denied" : "refused";
  }
  if (error instanceof oidc.WWWAuthenticateChallengeError) {
    return "refused";
  }
  if (error instanceof oidc.ResponseBodyError) {
    return error.error === "invalid_grant" ? "answer_used" : "refused";
  }
  const code = error instanceof oidc.ClientError ? error.code : undefined;
  // Without a code it is the network's; a timeout; an answer that is not the protocol's at all.
  const isNetwork =
    (error instanceof oidc.ClientError && code === undefined) || error instanceof TypeError
      ? true
      : code !== undefined && /TIMEOUT|ABORT|NOT_CONFORM|NOT_JSON/.test(code);
  return isNetwork ? "unreachable" : "answer_invalid";
}
