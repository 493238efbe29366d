/** A log that follows: what comes after the page's own lines, until one pauses. */
import { LEVELS, type LogFilter, OVERLAP_MS, type ShownLine } from "../instance/console/shown-line.ts";
import { find } from "./parts/find.ts";
import { LogList, unseen } from "./parts/log-list.ts";

/** What comes during a pause is kept up to here; it is told when that was not all. */
const MAX_WAITING = 3_000;

const root = find("#log");
const status = find("#log-status");
const empty = find("#log-empty");
const followButton = find<HTMLButtonElement>("#log-follow");
const endButton = find<HTMLButtonElement>("#log-end");
const form = find<HTMLFormElement>("#log-filter");
const box = find("#log-lines");

let source: EventSource | undefined;
let isPaused = false;
let waiting: ShownLine[] = [];
let wasCut = false;
let last = Number(root.dataset.after ?? 0);

const list = new LogList(box, filterOf(), () => {
  const { seen, all } = list.count;
  empty.hidden = seen > 0;
  empty.textContent = all === 0 ? "Nothing was logged yet." : "No line passes the filter.";
});

box.addEventListener("scroll", () => {
  endButton.disabled = list.isAtEnd;
});
endButton.addEventListener("click", () => list.toEnd());
followButton.addEventListener("click", () => (isPaused || !source ? follow() : pause()));
form.addEventListener("input", () => list.setFilter(filterOf()));
list.toEnd();
endButton.disabled = true;
follow();

function filterOf(): LogFilter {
  const data = new FormData(form);
  const level = LEVELS.find((name) => name === data.get("level")) ?? "info";
  return { level, text: String(data.get("text") ?? "") };
}

function follow(): void {
  isPaused = false;
  followButton.textContent = "Pause";
  if (wasCut) {
    list.mark("Some lines that came during the pause are left out here.");
  }
  list.add(waiting);
  waiting = [];
  wasCut = false;
  list.toEnd();
  if (source) {
    status.textContent = "Following.";
  } else {
    connect();
  }
}

function pause(): void {
  isPaused = true;
  followButton.textContent = "Follow";
  status.textContent = "Paused.";
}

function connect(): void {
  status.textContent = "Connecting …";
  const opened = new EventSource(`${root.dataset.stream}${last > 0 ? `?after=${last}` : ""}`);
  source = opened;
  const on = (name: string, take: (data: { lines: ShownLine[]; gap?: boolean; error?: string }) => void) =>
    opened.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent).data)));
  on("begin", ({ lines, gap }) => {
    status.textContent = isPaused ? "Paused." : "Following.";
    if (gap) {
      list.mark("Lines may be missing here: the log does not reach back to where this page was.");
    }
    const known = [...list.tail(last - OVERLAP_MS), ...waiting.map(({ at, text }) => `${at} ${text}`)];
    take(unseen(lines, known));
  });
  on("lines", ({ lines }) => take(lines));
  on("end", () => finish("The instance is gone: nothing follows."));
  on("problem", ({ error }) => finish(`${error ?? "The log broke off."}`));
  opened.addEventListener("error", () => {
    if (opened.readyState === EventSource.CLOSED) {
      finish("The log cannot be followed at the moment.");
    } else {
      status.textContent = "The connection was lost; trying again …";
    }
  });
}

function take(lines: ShownLine[]): void {
  last = Math.max(last, ...lines.map(({ at }) => at));
  if (!isPaused) {
    list.add(lines);
    return;
  }
  waiting.push(...lines);
  if (waiting.length > MAX_WAITING) {
    waiting = waiting.slice(-MAX_WAITING);
    wasCut = true;
  }
  status.textContent = `Paused; ${waiting.length}${wasCut ? " or more" : ""} new.`;
}

function finish(why: string): void {
  source?.close();
  source = undefined;
  status.textContent = why;
  followButton.textContent = "Follow";
}
