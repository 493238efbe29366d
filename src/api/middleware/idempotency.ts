import { createMiddleware } from "hono/factory";
import { hashToken } from "../../auth/tokens.ts";
import { AppError } from "../../errors.ts";
import { newInstanceId } from "../../ids.ts";
import { type Answer, freeKey, keepAnswer, reserveKey } from "../../services/idempotency.ts";
import type { ApiEnv } from "../route.ts";

/**
 * A POST with an Idempotency-Key acts once: the same request again gets the first answer. What failed on our side is not
 * kept, so that it may be tried again; it then works on the id that the first try reserved. Streams are not kept.
 */
export const idempotency = createMiddleware<ApiEnv>(async function idempotency(c, next) {
  const key = c.req.header("Idempotency-Key");
  if (c.req.method !== "POST" || key === undefined) {
    return next();
  }
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new AppError("invalid_request", "The Idempotency-Key must be 1 to 200 printable ASCII characters.");
  }
  const { ctx } = c.var;
  const url = new URL(c.req.url);
  const requestHash = await hashToken(`${c.req.method} ${url.pathname}${url.search}\n${await c.req.text()}`);
  const reservation = await reserveKey(ctx, { key, requestHash, resourceId: newInstanceId() });
  if (reservation.type === "replay") {
    return replay(reservation.answer);
  }
  c.set("reservedId", reservation.resourceId);
  let kept = false;
  try {
    await next();
    kept = await keepResponse(c.res, (answer) => keepAnswer(ctx, key, answer));
  } finally {
    if (!kept) {
      await freeKey(ctx, key);
    }
  }
});

async function keepResponse(response: Response, keepIt: (answer: Answer) => Promise<void>): Promise<boolean> {
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (response.status >= 500 || response.status === 429 || !isJson) {
    return false;
  }
  await keepIt({ status: response.status, body: await response.clone().text() });
  return true;
}

function replay({ status, body }: Answer): Response {
  return new Response(body, {
    status,
    headers: { "Content-Type": "application/json", "Idempotent-Replay": "true" },
  });
}
