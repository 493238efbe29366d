import { newPages } from "../route.ts";
import { listPage } from "./list.tsx";

/** The list of instances and what stands beside it. To be mounted before the pages of one instance, whose id may be anything. */
export const instancePages = newPages().route("/", listPage);
