import { HTTPException } from "hono/http-exception";
import { AppError, errorBody } from "../../errors.ts";
import { describeError, logEvent } from "../../log.ts";
import type { ApiContext } from "../route.ts";

/** Three kinds: ours, the framework's, and unknown, of which nobody outside is told a word. */
export function onError(error: Error, c: ApiContext): Response {
  const known = toAppError(error);
  if (known.code === "internal") {
    logEvent("api.failed", {
      level: "error",
      requestId: c.var.requestId,
      path: c.req.path,
      cause: describeError(error),
    });
  }
  return respond(c, known);
}

export function onNotFound(c: ApiContext): Response {
  return respond(
    c,
    new AppError("not_found", `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}.`, {
      hint: "See /docs.",
    }),
  );
}

function toAppError(error: Error): AppError {
  if (error instanceof AppError) {
    return error;
  }
  if (error instanceof HTTPException) {
    if (error.status === 413) {
      return new AppError("payload_too_large", "The body is too large.");
    }
    if (error.status === 400) {
      return new AppError("invalid_json", "The body is not valid JSON.", {
        hint: "Send JSON with Content-Type: application/json.",
      });
    }
  }
  return new AppError("internal", "Something went wrong on our side.", {
    hint: "Try again; if it goes on, tell us the request id.",
    cause: error,
  });
}

function respond(c: ApiContext, error: AppError): Response {
  const headers = new Headers({ "Content-Type": "application/json", "X-Request-Id": c.var.requestId });
  if (error.retryAfterSeconds !== undefined) {
    headers.set("Retry-After", String(error.retryAfterSeconds));
  }
  if (error.code === "unauthorized") {
    headers.set("WWW-Authenticate", 'Bearer realm="gentity"');
  }
  return new Response(JSON.stringify(errorBody(error, c.var.requestId)), { status: error.status, headers });
}
