import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { MIGRATIONS, migrate } from "../../../src/instance/migrations.ts";
import { InstanceStore } from "../../../src/instance/store.ts";
import { stubOf } from "../harness.ts";

it("gives the periods of an older object to the account that it had all along", async () => {
  const accounts = await runInDurableObject(stubOf("cmpolder"), (_, { storage: { sql } }) => {
    migrate(sql, MIGRATIONS.slice(0, 1));
    sql.exec("INSERT INTO record (id, body) VALUES (1, ?)", JSON.stringify({ accountId: "acc_older" }));
    sql.exec(
      "INSERT INTO periods VALUES (1, 'running', 'running', '{}', 0, NULL, 1, 'created', 'system:test')",
    );
    migrate(sql);
    return new InstanceStore(sql).periodsAfter("acc_older", 0, 10).map(({ accountId }) => accountId);
  });
  expect(accounts).toEqual(["acc_older"]);
});
