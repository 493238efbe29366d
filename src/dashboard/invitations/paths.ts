/** Where an invitation is answered. Its secret opens nothing but that. */
export function invitationPath(secret: string): string {
  return `/invitations/${secret}`;
}

/** The secret in a path of the above, if it is one. */
export function invitationSecret(path: string): string | undefined {
  return /^\/invitations\/([^/?]+)/.exec(path)?.[1];
}

/** A path as it may stand in a log: an invitation's says who holds it. */
export function withoutSecret(path: string): string {
  const secret = invitationSecret(path);
  return secret === undefined ? path : path.replace(secret, "…");
}
