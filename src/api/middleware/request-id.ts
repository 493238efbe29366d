import { createMiddleware } from "hono/factory";
import { newRequestId } from "../../ids.ts";
import { logEvent } from "../../log.ts";
import type { ApiEnv } from "../route.ts";

/** Names the request, and writes its one log line when it is over. The path holds no secret; the query may, so it is left out. */
export const requestId = createMiddleware<ApiEnv>(async function requestId(c, next) {
  const id = newRequestId();
  const startedAt = Date.now();
  c.set("requestId", id);
  try {
    await next();
  } finally {
    c.header("X-Request-Id", id);
    logEvent("api.request", {
      requestId: id,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      account: c.var.ctx?.accountId,
      durationMs: Date.now() - startedAt,
    });
  }
});
