import { expect, it } from "vitest";
import { nameActors } from "../../../../src/services/account/actors.ts";
import { newContext } from "../../../../src/services/context.ts";
import { env, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";

const contextOf = ({ accountId }: Tenant) =>
  newContext(
    env,
    { accountId, actor: { type: "system", id: "test" } },
    { requestId: "req_test", now: Date.now(), background: () => {} },
  );

it("names who acted in an account: its tokens and people, also those that are gone, and nobody of another", async () => {
  const [mine, theirs] = [await newTenant(), await newTenant()];
  const [here, left, stranger] = [
    await newVisitor(mine.accountId),
    await newVisitor(mine.accountId),
    await newVisitor(theirs.accountId),
  ];
  await env.DB.prepare("DELETE FROM members WHERE person_id = ?").bind(left.personId).run();
  await env.DB.prepare("UPDATE tokens SET revoked_at = 1 WHERE id = ?").bind(mine.tokenId).run();
  const actors = [
    `user:${here.personId}`,
    `user:${left.personId}`,
    `user:${stranger.personId}`,
    `token:${mine.tokenId}`,
    `token:${theirs.tokenId}`,
    "system:sweep",
    "operator:admin_token",
  ];
  const names = await nameActors(contextOf(mine), [...actors, ...actors]);
  expect([...names.values()].map(({ name }) => name)).toEqual([
    here.email,
    left.email,
    "somebody of another account",
    "test",
    "a token of another account",
    "system (sweep)",
    "the operator",
  ]);
  expect((await nameActors(contextOf(mine), [])).size).toBe(0);
});
