/** What every page gains from JavaScript; without it each still says and does all that it should. */
import { showLocalTimes } from "./parts/local-times.ts";

showLocalTimes(document);
