import type { Env } from "../env.ts";
import type { AccountObject } from "./object.ts";

/** The object of an account, by the account's id. Every stub comes from here. */
export function accountStub(env: Pick<Env, "ACCOUNTS">, accountId: string): DurableObjectStub<AccountObject> {
  return env.ACCOUNTS.getByName(accountId);
}
