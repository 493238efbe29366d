/** The credential of an `Authorization: Bearer` header, whatever its form; the operator's secret has none of ours. */
export function bearerSecret(header: string | null | undefined): string | undefined {
  return /^Bearer +(\S{1,512})$/i.exec(header ?? "")?.[1];
}

/**
 * Is this the secret? Digests are compared instead of texts: they have one length, and how far two of them agree says
 * nothing of the secret, so the time this takes tells nothing.
 */
export async function isSecret(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(given), digest(expected)]);
  let difference = 0;
  a.forEach((byte, at) => {
    difference |= byte ^ (b[at] ?? 0);
  });
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
