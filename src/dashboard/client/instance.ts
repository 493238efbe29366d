/** What the page of one instance gains: it follows the instance, and shows the address in its place. */
import { followInstances } from "./parts/follow.ts";
import { keepFresh } from "./parts/fresh.ts";
import { openTargets } from "./parts/open-targets.ts";
import { revealInPlace } from "./parts/reveal.ts";

followInstances(document);
keepFresh(document);
openTargets();
revealInPlace(document);
document.querySelector("details[open] .mistake")?.scrollIntoView({ block: "center" });
