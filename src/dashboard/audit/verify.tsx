import { assetPath } from "../assets.ts";
import { Copyable } from "../layout/actions.tsx";

/** The way to check it all, here or with the command line. The script gives the button its work, and the dialog its words. */
export function Verify() {
  return (
    <section class="verify" aria-labelledby="verify-title">
      <h2 id="verify-title">Is it all as it was written?</h2>
      <p>
        Each event holds the hash of the one before it, and the ends of these chains are signed every day.
        Your browser can recompute them all and check the signatures against the{" "}
        <a href="/.well-known/jwks.json">published keys</a>, without taking our word for it. This needs
        JavaScript. Without it, or on another machine, the command line does the same:
      </p>
      <p class="actions">
        <button type="button" class="main" id="verify" data-module={assetPath("audit-verify.js")} disabled>
          Verify in this browser
        </button>{" "}
        <Copyable text="gentity audit verify" what="the command" />
      </p>
      <dialog id="verify-dialog" aria-labelledby="verify-heading">
        <form method="dialog">
          <h2 id="verify-heading">Verifying the audit events</h2>
          <button type="submit" class="small">
            Close
          </button>
        </form>
        <p id="verify-progress" role="status" />
        <div id="verify-result" />
      </dialog>
    </section>
  );
}
