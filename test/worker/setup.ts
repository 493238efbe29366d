import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";

const bindings = env as unknown as { DB: D1Database; TEST_MIGRATIONS: D1Migration[] };
await applyD1Migrations(bindings.DB, bindings.TEST_MIGRATIONS);
await bindings.DB.prepare(
  "INSERT INTO accounts (id, email, created_at) VALUES ('acc_test', 'acc@test', 0) ON CONFLICT DO NOTHING",
).run();
