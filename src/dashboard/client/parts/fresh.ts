import { showLocalTimes } from "./local-times.ts";
import { revealInPlace } from "./reveal.ts";

/** Several changes that come close together ask for the page once. */
const GATHER_MS = 600;

/**
 * When the state of the instance has changed, what of the page follows from it is taken from the page as it is now: every
 * `data-fresh`, but not one in which somebody is at work.
 */
export function keepFresh(root: Document): void {
  const followed = root.querySelector<HTMLElement>('[data-kind="page"]');
  if (!followed) {
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const observer = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(root).catch(() => undefined), GATHER_MS);
  });
  observer.observe(followed, { attributeFilter: ["data-state"] });
}

async function refresh(root: Document): Promise<void> {
  const here = new URL(location.href);
  here.searchParams.delete("done");
  // What was refused is shown at an address that shows nothing by itself.
  const answer = await fetch(here, { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of root.querySelectorAll<HTMLElement>("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${CSS.escape(part.dataset.fresh ?? "")}"]`);
    if (fresh && !isInUse(part)) {
      part.replaceChildren(...fresh.childNodes);
      showLocalTimes(part);
      revealInPlace(part);
    }
  }
}

function isInUse(part: HTMLElement): boolean {
  return part.contains(document.activeElement) || part.querySelector("details[open], output") !== null;
}
