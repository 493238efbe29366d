/** What every page gains from JavaScript; without it each still says and does all that it should. */
import { listenForCopies } from "./parts/copy.ts";
import { showLocalTimes } from "./parts/local-times.ts";
import { closeMenus } from "./parts/menus.ts";
import { switchThemes } from "./parts/themes.ts";

showLocalTimes(document);
listenForCopies(document);
closeMenus(document);
switchThemes(document);
// On a small screen the places move sideways: where one is, is to be seen.
document.querySelector(".bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
