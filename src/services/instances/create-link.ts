import { signLink } from "../../edge/link.ts";
import { AppError } from "../../errors.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { notFound, ownRow, requirePublic, resolveInstance } from "./resolve.ts";
import { requireEdgeKeys } from "./update.ts";

export interface SignedLink {
  url: string;
  expiresAt: number;
}

/**
 * A URL that opens an instance of access `signed` until it expires, for whoever has it. Nothing is kept of it: what ends it earlier is
 * another access, or another address.
 */
export async function createLink(ctx: Ctx, name: string, expiresInSeconds: number): Promise<SignedLink> {
  requireEdgeKeys(ctx);
  const { id } = await resolveInstance(ctx, name);
  const stub = instanceStub(ctx.env, id);
  const now = await stub.get();
  if (!now) {
    throw notFound(name);
  }
  const row = ownRow(ctx, name, now);
  requirePublic(row, "it has no address");
  if (row.access !== "signed") {
    throw new AppError(
      "invalid_state",
      `The instance's access is "${row.access}", which takes no signed links.`,
      {
        hint: `Ask for them first: gentity compute access ${row.subdomain} signed`,
        details: [{ access: row.access }],
      },
    );
  }
  const expiresAt = (Math.floor(ctx.now / 1000) + expiresInSeconds) * 1000;
  const url = await signLink(
    ctx.config,
    { instanceId: id, subdomain: row.subdomain },
    { now: ctx.now, expiresAt },
  );
  if (url === undefined) {
    throw new Error("a link was not signed although there is a key");
  }
  // The link is a credential, so the event does not hold it.
  await stub.recordUse({
    action: "instance.link",
    cause: causeOf(ctx),
    detail: { expiresAt: new Date(expiresAt).toISOString() },
  });
  return { url, expiresAt };
}
