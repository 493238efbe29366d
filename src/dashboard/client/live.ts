import { followInstances } from "./parts/follow.ts";
import { countUptimes } from "./parts/uptimes.ts";

countUptimes(document);
followInstances(document);
