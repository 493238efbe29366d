import { z } from "zod";
import { AppError } from "../../../errors.ts";
import { openLogs } from "../../../services/instances/logs.ts";
import { getInstance } from "../../../services/instances/read.ts";
import { Field } from "../../layout/form.tsx";
import { Note } from "../../layout/parts.tsx";
import { type DashboardContext, newPages } from "../../route.ts";
import { instancePath } from "../paths.ts";
import { ConsoleFrame } from "./head.tsx";
import { shorten, toShownLine } from "./log-lines.ts";
import { formatAt, LEVELS, passes, type ShownLine } from "./shown-line.ts";

const COUNTS = [200, 500, 1000] as const;
const LEVEL_NAMES = { info: "Everything", warn: "Warnings and errors", error: "Errors" } as const;

/** A page's address may be typed by hand: what makes no sense in it is left out. */
export const LogQuery = z.object({
  lines: z.coerce.number().int().min(1).max(1000).catch(COUNTS[0]),
  level: z.enum(LEVELS).catch("info"),
  text: z.string().max(200).catch(""),
});
type LogQuery = z.infer<typeof LogQuery>;

export const logPages = newPages().get("/dashboard/instances/:id/logs", async (c) => {
  const instance = await getInstance(c.var.ctx, c.req.param("id"));
  const query = LogQuery.parse(c.req.query());
  const { lines, problem } = await readLines(c, instance.id);
  const shown = lines.filter((line) => passes(line, query)).slice(-query.lines);
  const base = instancePath(instance.id, "logs");
  const filter = new URLSearchParams({ level: query.level, text: query.text });
  return c.html(
    <ConsoleFrame c={c} instance={instance} place="logs" scripts={["logs.js"]}>
      {problem ? (
        <Note kind="bad">
          <p>{`${problem.message} ${problem.hint ?? ""}`}</p>
        </Note>
      ) : null}
      <LogFilterForm base={base} query={query} />
      <section
        id="log"
        aria-label="Log"
        data-stream={`${base}/stream`}
        data-after={lines.at(-1)?.at || undefined}
      >
        <div class="row">
          <button type="button" id="log-follow" class="scripted">
            Pause
          </button>
          <button type="button" id="log-end" class="scripted">
            To the end
          </button>
          <a class="button" href={`${base}/text?${filter}`} download>
            Download
          </a>
          <p id="log-status" role="status">
            <noscript>Load the page again for newer lines.</noscript>
          </p>
        </div>
        {/* A list, read line by line when one wants to: a live log would never be silent. */}
        <ol id="log-lines" class="log" aria-label="Lines, the newest last" tabindex={0}>
          {shown.map((line) => (
            <LogLineItem line={shorten(line)} />
          ))}
        </ol>
        <p class="quiet" id="log-empty" hidden={shown.length > 0}>
          {lines.length === 0 ? "Nothing was logged yet." : "No line passes the filter."}
        </p>
        <p class="quiet">
          Times are UTC. What the agent writes to its outputs is here; its files and traffic never are.
        </p>
      </section>
    </ConsoleFrame>,
  );
});

async function readLines(
  c: DashboardContext,
  id: string,
): Promise<{ lines: ShownLine[]; problem?: AppError }> {
  try {
    const reader = await openLogs(c.var.ctx, id);
    return { lines: (await reader.read()).map(toShownLine) };
  } catch (error) {
    if (error instanceof AppError && error.code !== "not_found") {
      return { lines: [], problem: error };
    }
    throw error;
  }
}

function LogFilterForm({ base, query }: { base: string; query: LogQuery }) {
  return (
    <form method="get" action={base} class="filter" id="log-filter">
      <Field name="text" label="Text">
        <input id="text" name="text" type="search" value={query.text} maxlength={200} />
      </Field>
      <Field name="level" label="Level">
        <select id="level" name="level">
          {LEVELS.map((level) => (
            <option value={level} selected={level === query.level}>
              {LEVEL_NAMES[level]}
            </option>
          ))}
        </select>
      </Field>
      <Field name="lines" label="Lines">
        <select id="lines" name="lines">
          {[...new Set([...COUNTS, query.lines])]
            .sort((a, b) => a - b)
            .map((count) => (
              <option value={count} selected={count === query.lines}>
                the last {count}
              </option>
            ))}
        </select>
      </Field>
      <button type="submit">Filter</button>
    </form>
  );
}

/** The same that `client/parts/log-list.ts` makes of a line. */
function LogLineItem({ line: { at, level, text } }: { line: ShownLine }) {
  return (
    <li class={`level-${level}`} data-at={at}>
      <span class="at">{formatAt(at)}</span> <span class="level">{level}</span>{" "}
      <span class="text">{text}</span>
    </li>
  );
}
