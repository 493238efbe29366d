import { getInstance } from "../../../services/instances/read.ts";
import { createTerminalTicket } from "../../../services/instances/terminal-ticket.ts";
import { assetPath } from "../../assets.ts";
import { Note } from "../../layout/parts.tsx";
import { newPages } from "../../route.ts";
import { instancePath } from "../paths.ts";
import { ConsoleFrame } from "./head.tsx";
import { ReadinessNote } from "./not-ready.tsx";
import { readinessOf } from "./readiness.ts";

const PATH = "/dashboard/instances/:id/terminal";

export const terminalPages = newPages()
  .get(PATH, async (c) => {
    const instance = await getInstance(c.var.ctx, c.req.param("id"));
    const readiness = readinessOf(instance);
    const isPossible = readiness.type === "runs" || readiness.type === "wakes";
    return c.html(
      <ConsoleFrame c={c} instance={instance} place="terminal" scripts={["terminal.js"]}>
        <ReadinessNote c={c} instance={instance} readiness={readiness} />
        <noscript>
          <Note kind="warn">
            <p>
              A terminal needs JavaScript. Without it,{" "}
              <a href={instancePath(instance.id, "exec")}>run single commands</a>, or use{" "}
              <code>gentity compute ssh {instance.id}</code>.
            </p>
          </Note>
        </noscript>
        <section
          id="terminal"
          aria-label="Terminal"
          data-ticket={instancePath(instance.id, "terminal/ticket")}
          data-form-token={c.var.session.formToken}
          data-screen={assetPath("terminal-screen.js")}
        >
          <div class="row scripted">
            <button type="button" class="main" id="terminal-open" disabled={!isPossible}>
              Open a terminal
            </button>
            <button type="button" id="terminal-close" disabled>
              End the shell
            </button>
            <label class="choice">
              <input type="checkbox" id="terminal-reader" /> For screen readers
            </label>
          </div>
          <p id="terminal-status" class="scripted" role="status">
            {isPossible ? "Not open." : "It cannot be opened now."}
          </p>
          <div id="terminal-screen" class="scripted" />
          <p id="terminal-help" class="quiet small scripted">
            In the terminal, Tab belongs to the shell: <kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>Enter</kbd>{" "}
            leaves it. Copy with <kbd>Ctrl</kbd>+<kbd>Shift</kbd>+<kbd>C</kbd>, paste with <kbd>Ctrl</kbd>+
            <kbd>Shift</kbd>+<kbd>V</kbd> (on a Mac <kbd>⌘C</kbd> and <kbd>⌘V</kbd>). The shell ends with its
            connection; what must go on belongs into <code>tmux</code> or <code>nohup</code>.
          </p>
        </section>
      </ConsoleFrame>,
    );
  })
  .post(`${PATH}/ticket`, async (c) => {
    const instance = await getInstance(c.var.ctx, c.req.param("id"));
    const { instanceId, ticket } = await createTerminalTicket(c.var.ctx, instance.id);
    // Not the whole address: what it begins with is the page's own.
    const path = `/api/instances/${instanceId}/terminal?ticket=${ticket}`;
    return c.json({ path, readiness: readinessOf(instance) }, 201);
  });
