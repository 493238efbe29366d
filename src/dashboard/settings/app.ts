import { newPages } from "../route.ts";
import { settingsIndexPage } from "./index.tsx";
import { providersPage } from "./providers.tsx";
import { tokenPages } from "./tokens.tsx";

/** Settings, but for people and where they are signed in. */
export const settingsPages = newPages()
  .route("/", settingsIndexPage)
  .route("/", tokenPages)
  .route("/", providersPage);
