import type { ProviderProblem } from "../../auth/oidc.ts";
import type { Refusal } from "../../services/sign-in/admit.ts";

export type SignInProblem = ProviderProblem | Refusal | "not_begun_here";

interface Telling {
  status: 400 | 403 | 409 | 502 | 503;
  title: string;
  text: string;
}

/** What went wrong, and what to do: all that a sign-in can end in besides being signed in. */
export const PROBLEMS: Record<SignInProblem, Telling> = {
  not_begun_here: {
    status: 400,
    title: "This sign-in is over",
    text: "It was finished already, took longer than a quarter of an hour, or was begun in another browser. Begin again.",
  },
  denied: {
    status: 403,
    title: "Sign-in was cancelled",
    text: "Your identity provider says that you, or it, did not agree. Nothing was changed. Begin again if that was not meant.",
  },
  answer_used: {
    status: 400,
    title: "This sign-in is over",
    text: "Your identity provider's answer was used already, or has expired. Begin again.",
  },
  answer_invalid: {
    status: 502,
    title: "The identity provider's answer does not hold",
    text: "It was not made for this sign-in, or is not signed with a key that the provider publishes. Begin again; if it goes on, tell the operator of this deployment the request id.",
  },
  refused: {
    status: 502,
    title: "The identity provider refused",
    text: "It does not take this deployment's requests. The operator may have to check OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and the redirect address registered there.",
  },
  unreachable: {
    status: 503,
    title: "The identity provider cannot be reached",
    text: "Nothing was changed. Try again in a moment. Whoever is signed in stays so, and tokens work on.",
  },
  email_unverified: {
    status: 403,
    title: "Your email is not confirmed",
    text: "Your identity provider does not say that the email is yours. Confirm it there, then sign in again.",
  },
  not_allowed: {
    status: 403,
    title: "You are not on the list",
    text: "This deployment lets in only whom its operator or an account's owner has named. Ask one of them, or sign in as somebody else.",
  },
  account_of_others: {
    status: 409,
    title: "The account of your email belongs to others",
    text: "An email alone lets nobody into an account that has people. Ask an owner of it to invite you.",
  },
};
