const SAID_MS = 1500;

/** Every button with `data-copy`, also one that comes later, puts that text on the clipboard and says so. */
export function listenForCopies(root: Document): void {
  root.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>("[data-copy]") : null;
    if (button?.dataset.copy === undefined) return;
    button.dataset.word ??= button.textContent ?? "";
    const { word } = button.dataset;
    const say = (text: string) => {
      button.textContent = text;
    };
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say("Copied");
    } catch {
      // Not every page of every browser may: it is said, and the text stands beside the button.
      say("Refused");
    }
    setTimeout(() => say(word ?? ""), SAID_MS);
  });
}
