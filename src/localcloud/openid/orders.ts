/** What can be made to go wrong, so that whoever relies on the provider can be seen to survive it. */
import { generateKeyPairSync } from "node:crypto";
import { importJWK, type JWTPayload, SignJWT } from "jose";
import type { JWK } from "oidc-provider";
import * as z from "zod";

export const orderSchema = z.strictObject({
  /** A prefix of the requests' path that it strikes. */
  path: z.string().default("/"),
  /** How many requests; absent: until it is taken away. */
  count: z.int().positive().optional(),
  /** Is answered with this status instead; 0: the connection breaks. */
  status: z.union([z.literal(0), z.int().min(400).max(599)]).optional(),
  /** Claims that the ID token says instead; null: it does not say it. */
  claims: z.record(z.string(), z.unknown()).optional(),
  /** The ID token is signed with a key that nobody knows. */
  key: z.literal("unknown").optional(),
});

export type Order = z.infer<typeof orderSchema>;

export class Orders {
  private orders: (Order & { left: number })[] = [];

  add(order: Order): void {
    this.orders.push({ ...order, left: order.count ?? Infinity });
  }

  clear(): void {
    this.orders = [];
  }

  /** The first order for this path, which then has struck once more. */
  strike(path: string): Order | undefined {
    const order = this.orders.find((candidate) => candidate.left > 0 && path.startsWith(candidate.path));
    if (order) order.left -= 1;
    return order;
  }
}

/** The same token with other claims, or by another's hand. */
export async function forge(idToken: string, order: Order, key: JWK | undefined): Promise<string> {
  const [header, payload] = idToken
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  const claims = Object.entries({ ...payload, ...order.claims }).filter(([, value]) => value !== null);
  const signer =
    order.key === "unknown" || !key
      ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
      : await importJWK(key as Parameters<typeof importJWK>[0], "RS256");
  const kid = order.key === "unknown" ? "unknown" : header.kid;
  return new SignJWT(Object.fromEntries(claims) as JWTPayload)
    .setProtectedHeader({ ...header, kid })
    .sign(signer);
}
