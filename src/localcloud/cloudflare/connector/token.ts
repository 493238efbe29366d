import * as z from "zod";

const contentSchema = z.object({ a: z.string(), s: z.string(), t: z.uuid() });

export interface Credentials {
  account: string;
  secret: string;
  tunnel: string;
}

/** Undefined for what is no token. */
export function parseToken(token: string): Credentials | undefined {
  try {
    const { a, s, t } = contentSchema.parse(JSON.parse(Buffer.from(token, "base64").toString()));
    return { account: a, secret: s, tunnel: t };
  } catch {
    return undefined;
  }
}
