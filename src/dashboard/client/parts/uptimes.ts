import { formatDuration } from "../../layout/duration.ts";

const EVERY_MS = 1_000;

/** What has run since a moment counts on. Nobody is told: it is there for who looks. */
export function countUptimes(root: ParentNode): void {
  // The clock here may be wrong; how long the page has been open is not.
  const shown = new WeakMap<Element, { at: number; seconds: number }>();
  setInterval(() => {
    if (document.hidden) {
      return;
    }
    const now = Date.now();
    for (const element of root.querySelectorAll<HTMLElement>("[data-seconds]")) {
      const first = shown.get(element) ?? { at: now, seconds: Number(element.dataset.seconds) };
      shown.set(element, first);
      const text = formatDuration(first.seconds + (now - first.at) / 1000);
      if (element.textContent !== text) {
        element.textContent = text;
      }
    }
  }, EVERY_MS);
}
