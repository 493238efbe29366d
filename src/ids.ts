import { customAlphabet } from "nanoid";
import { ulid } from "ulid";

/** Prefixed and sortable by time: `cmp01j…` for instances, as the public client knows them. */
function sortableId(prefix: string): () => string {
  return () => `${prefix}${ulid().toLowerCase()}`;
}

export const newInstanceId = sortableId("cmp");
export const newAccountId = sortableId("acc_");
export const newTokenId = sortableId("tok_");
export const newAuditId = sortableId("aud_");
export const newRequestId = sortableId("req_");
export const newTicketId = sortableId("tkt_");
export const newTransferId = sortableId("trf_");
export const newRecipeId = sortableId("rcp_");
export const newPersonId = sortableId("usr_");
export const newSessionId = sortableId("ses_");
export const newInvitationId = sortableId("inv_");

const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

const subdomainTail = customAlphabet(BASE36, 8);
const tokenTail = customAlphabet(BASE32, 52);

/** Eight characters are about 41 bits: enough for a name, not for a secret that may be guessed fast, so misses are limited. */
export function newSubdomain(agentPrefix: string): string {
  return `${agentPrefix}-${subdomainTail()}`;
}

/** A secret of 26 characters, about 130 bits, for what a recipe needs generated. */
export const newGeneratedSecret = customAlphabet(BASE32, 26);
export const newExecId = customAlphabet(BASE36, 20);
export const newDriverId = customAlphabet(BASE36, 16);

/** A session's secret, 260 bits: it is in one browser's cookie, and only its SHA-256 is kept. */
export const newSessionSecret = customAlphabet(BASE32, 52);

/** What a sign-in that has begun is derived from, and what an invitation's link holds. */
export const newFlowSecret = customAlphabet(BASE32, 52);
export const newInvitationSecret = customAlphabet(BASE32, 52);

/** `gn_live_` and 52 base32 characters: 260 bits. Shown once; only its SHA-256 is kept. */
export function newTokenPlaintext(): string {
  return `gn_live_${tokenTail()}`;
}

export function isSessionSecretShaped(text: string): boolean {
  return /^[a-z2-7]{52}$/.test(text);
}

export const isInvitationSecretShaped = isSessionSecretShaped;

export function isTokenShaped(text: string): boolean {
  return /^gn_live_[a-z2-7]{52}$/.test(text);
}

/** What may stand left of the base domain: letters, digits and inner hyphens, at most 63. */
export function isSubdomainShaped(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}
