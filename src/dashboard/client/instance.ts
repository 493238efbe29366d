/** What the page of one instance gains: its address shown in its place and copied, and the first mistake in sight. */
import { addCopyButtons } from "./parts/copy.ts";
import { revealInPlace } from "./parts/reveal.ts";

addCopyButtons(document);
revealInPlace(document);
document.querySelector<HTMLElement>("details[open] .mistake")?.scrollIntoView({ block: "center" });
// The way from a note to a form that is shut opens it.
function openTarget(): void {
  const target = location.hash === "" ? null : document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
  }
}
addEventListener("hashchange", openTarget);
openTarget();
