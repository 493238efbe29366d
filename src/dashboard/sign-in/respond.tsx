import { logEvent } from "../../log.ts";
import { Plain } from "../layout/plain.tsx";
import type { DashboardContext } from "../route.ts";
import { PROBLEMS, type SignInProblem } from "./problems.ts";

/** Why somebody is not signed in. What the provider said of it is for the log: it is text from outside. */
export function respondProblem(
  c: DashboardContext,
  problem: SignInProblem,
  { next, cause }: { next: string; cause?: Error },
): Response | Promise<Response> {
  const { requestId } = c.var;
  const { status, title, text } = PROBLEMS[problem];
  logEvent("sign_in.failed", { requestId, problem, cause: cause?.message });
  if (status === 503) {
    c.header("Retry-After", "10");
  }
  return c.html(
    <Plain title={title}>
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <a class="button" href={`/sign-in?next=${encodeURIComponent(next)}`}>
          Begin again
        </a>
      </p>
      <p class="quiet">
        {problem} · <code>{requestId}</code>
      </p>
    </Plain>,
    status,
  );
}
