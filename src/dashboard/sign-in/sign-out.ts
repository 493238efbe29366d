import { sessionCookie } from "../../auth/session-cookie.ts";
import { endSession } from "../../services/sessions/end.ts";
import { newPages } from "../route.ts";

export const signOut = newPages().post("/sign-out", async (c) => {
  const { ctx, session } = c.var;
  await endSession(
    ctx,
    { id: session.id, personId: session.person.id, accountId: session.account.id },
    "signed out",
  );
  c.header("Set-Cookie", sessionCookie("", 0));
  return c.redirect("/sign-in?done=signed-out", 303);
});
