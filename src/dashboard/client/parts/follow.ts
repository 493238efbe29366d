import { announce } from "./announce.ts";
import { showLocalTimes } from "./local-times.ts";

/** A page that nobody looks at for so long lets go of what it follows, in milliseconds. */
const HIDDEN_MS = 60_000;

interface Change {
  id: string;
  mark: string;
  parts: Record<string, string>;
  name: string;
  state: string;
  progress: string | null;
}

/** Follows the instances of the page by one connection, as long as somebody looks, and shows what has become of them. */
export function followInstances(root: ParentNode): void {
  const elements = new Map(
    [...root.querySelectorAll<HTMLElement>("[data-instance]")].map((each) => [
      each.dataset.instance ?? "",
      each,
    ]),
  );
  const kind = [...elements.values()][0]?.dataset.kind;
  if (kind === undefined) {
    return;
  }
  let source: EventSource | undefined;
  let letGo: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const disconnect = () => {
    source?.close();
    source = undefined;
  };
  const connect = () => {
    if (source || document.hidden || elements.size === 0) {
      return;
    }
    const ids = [...elements].map(([id, element]) => `${id}.${element.dataset.mark ?? ""}`);
    source = new EventSource(`/dashboard/instances/live?kind=${kind}&ids=${ids.join(",")}`);
    source.addEventListener("open", () => {
      failures = 0;
    });
    source.addEventListener("parts", ({ data }) => {
      const change = JSON.parse(data) as Change;
      const element = elements.get(change.id);
      if (element) {
        showChange(element, change);
      }
    });
    source.addEventListener("gone", ({ data }) => {
      const { id } = JSON.parse(data) as { id: string };
      elements.get(id)?.classList.add("gone");
      elements.delete(id);
    });
    source.addEventListener("end", () => {
      elements.clear();
      disconnect();
    });
    // It has ended: the next one begins with what this one has shown, which the browser by itself would not ask for.
    source.addEventListener("error", () => {
      disconnect();
      failures++;
      setTimeout(connect, Math.min(30_000, 500 * 2 ** failures) * (0.5 + Math.random()));
    });
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(letGo);
    if (document.hidden) {
      letGo = setTimeout(disconnect, HIDDEN_MS);
    } else {
      connect();
    }
  });
  connect();
}

function showChange(element: HTMLElement, { mark, parts, name, state, progress }: Change): void {
  const before = element.dataset.state ?? "";
  element.dataset.mark = mark;
  element.dataset.state = state;
  for (const part of element.querySelectorAll<HTMLElement>("[data-part]")) {
    const html = parts[part.dataset.part ?? ""];
    if (html !== undefined) {
      replace(part, html);
    }
  }
  if (before !== state) {
    announce(`${name} is ${state}`);
    moveCount(before, state);
  } else if (element.dataset.kind === "progress" && progress !== null) {
    announce(`${name}: ${progress}`);
  }
  // The page around it was made for something that is being made.
  if (element.dataset.kind === "progress" && before === "creating" && state !== "creating") {
    setTimeout(() => location.reload(), 1_500);
  }
}

const shown = new WeakMap<HTMLElement, string>();

/** Whoever stands in what is replaced goes on standing there. */
function replace(part: HTMLElement, html: string): void {
  if (shown.get(part) === html) {
    return;
  }
  shown.set(part, html);
  const had = part.contains(document.activeElement);
  part.innerHTML = html;
  showLocalTimes(part);
  if (had) {
    part.querySelector<HTMLElement>("a, button")?.focus();
  }
}

/** The totals above the list. */
function moveCount(from: string, to: string): void {
  for (const [state, step] of [
    [from, -1],
    [to, 1],
  ] as const) {
    const count = document.querySelector(`[data-count~="${CSS.escape(state)}"]`);
    if (count) {
      count.textContent = String(Math.max(0, Number(count.textContent) + step));
    }
  }
}
