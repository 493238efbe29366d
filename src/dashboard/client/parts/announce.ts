/** Changes that come close together are said in one. */
const GATHER_MS = 1_500;
const MOST_AT_ONCE = 3;

const region = newRegion();
let waiting: string[] = [];

/** Says something to who listens to the page, when they are not just hearing something else. */
export function announce(text: string): void {
  waiting.push(text);
  if (waiting.length > 1) {
    return;
  }
  setTimeout(() => {
    const rest = waiting.length - MOST_AT_ONCE;
    region.textContent =
      waiting.slice(0, MOST_AT_ONCE).join(". ") + (rest > 0 ? `. ${rest} more changed.` : ".");
    waiting = [];
  }, GATHER_MS);
}

/** Has to be there before anything is said in it. */
function newRegion(): HTMLElement {
  const element = document.createElement("div");
  element.className = "unseen";
  element.setAttribute("role", "status");
  document.body.append(element);
  return element;
}
