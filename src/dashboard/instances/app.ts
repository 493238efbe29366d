import { newPages } from "../route.ts";
import { actPage } from "./act.tsx";
import { createPage } from "./create/page.tsx";
import { historyPage } from "./history.tsx";
import { listPage } from "./list.tsx";
import { livePage } from "./live.ts";
import { openPage } from "./open.ts";

/** The list of instances and what stands beside it. To be mounted before the pages of one instance, whose id may be anything. */
export const instancePages = newPages()
  .route("/", listPage)
  .route("/", actPage)
  .route("/", createPage)
  .route("/", livePage)
  .route("/", openPage)
  .route("/", historyPage);
