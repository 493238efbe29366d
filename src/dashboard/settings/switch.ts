import { switchAccount } from "../../services/sessions/switch-account.ts";
import { newPages } from "../route.ts";

/** To another account of theirs; the menu at the top of every page offers those. */
export const switchPage = newPages().post("/dashboard/switch", async (c) => {
  const { account } = await c.req.parseBody();
  await switchAccount(c.var.ctx, c.var.session, typeof account === "string" ? account : "");
  return c.redirect("/dashboard", 303);
});
