import { newPages } from "../route.ts";
import { actPages } from "./act.ts";
import { addressPages } from "./address-pages.tsx";
import { changePages } from "./change.ts";
import { handOnPages } from "./hand-on.ts";
import { morePages } from "./more-pages.tsx";
import { overviewPages } from "./overview.tsx";

/** Everything of one instance, at `/dashboard/instances/:id`, but its console. */
export const oneInstancePages = newPages()
  .route("/", overviewPages)
  .route("/", addressPages)
  .route("/", changePages)
  .route("/", handOnPages)
  .route("/", morePages)
  .route("/", actPages);
