import type { Context } from "hono";
import { AppError, errorBody } from "../../errors.ts";
import { describeError, logEvent } from "../../log.ts";
import { withoutSecret } from "../invitations/paths.ts";
import { Frame } from "../layout/frame.tsx";
import { Plain } from "../layout/plain.tsx";
import type { DashboardEnv } from "../route.ts";

/** What went wrong as a page, and to a program as the API would tell it. Of an unknown cause nobody outside is told a word. */
export function onPageError(error: Error, c: Context<DashboardEnv>): Response | Promise<Response> {
  const known =
    error instanceof AppError
      ? error
      : new AppError("internal", "Something went wrong on our side.", {
          hint: "Try again; if it goes on, tell us the request id.",
          cause: error,
        });
  if (known.code === "internal") {
    const { requestId } = c.var;
    logEvent("page.failed", {
      level: "error",
      requestId,
      path: withoutSecret(c.req.path),
      cause: describeError(error),
    });
  }
  return respond(c, known);
}

export function onPageNotFound(c: Context<DashboardEnv>): Response | Promise<Response> {
  return respond(c, new AppError("not_found", "There is no such page.", { hint: "See /docs." }));
}

function respond(c: Context<DashboardEnv>, error: AppError): Response | Promise<Response> {
  const { requestId } = c.var;
  if (error.retryAfterSeconds !== undefined) {
    c.header("Retry-After", String(error.retryAfterSeconds));
  }
  c.status(error.status as 400);
  if (!c.req.header("Accept")?.includes("text/html")) {
    return c.json(errorBody(error, requestId));
  }
  // Whoever is signed in keeps their bearings.
  const { session } = c.var;
  const told = <Told error={error} requestId={requestId} />;
  return c.html(
    session && !session.isSuspended ? (
      <Frame session={session} title={error.message}>
        <div class="narrow">{told}</div>
      </Frame>
    ) : (
      <Plain title={error.message}>{told}</Plain>
    ),
  );
}

function Told({ error, requestId }: { error: AppError; requestId: string }) {
  return (
    <>
      <h1>{error.message}</h1>
      {error.hint ? <p>{error.hint}</p> : null}
      <p>
        <a class="button" href="/dashboard">
          To the dashboard
        </a>
      </p>
      <p class="quiet small">
        {error.status} · {error.code} · <code>{requestId}</code>
      </p>
    </>
  );
}
