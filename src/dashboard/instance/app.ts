import { newPages } from "../route.ts";
import { overviewPages } from "./overview.tsx";

/** Everything of one instance, at `/dashboard/instances/:id`. */
export const oneInstancePages = newPages().route("/", overviewPages);
