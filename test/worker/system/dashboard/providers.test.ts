import { expect, it } from "vitest";
import { newContext } from "../../../../src/services/context.ts";
import { readDeployment } from "../../../../src/services/deployment/status.ts";
import { env, newTenant } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";

const rowOf = (page: string, name: string) =>
  page.split("<tr>").find((row) => row.includes(`<th scope="row">${name}</th>`)) ?? "";

it("/dashboard/settings/providers says what is configured, what that means, and no values", async () => {
  const { accountId } = await newTenant();
  await env.DB.prepare(
    `INSERT INTO sweep_runs (provider, at, machines, instances, findings, failure, limits)
     VALUES ('fly', 1, 0, 0, 0, 'secret words of the vendor', '[]') ON CONFLICT (provider) DO UPDATE SET failure = 'secret words of the vendor'`,
  ).run();
  const answer = await (await newVisitor(accountId)).get("/dashboard/settings/providers");
  const page = await answer.text();
  expect(answer.status).toBe(200);
  expect(rowOf(page, "Fly")).toMatch(/badge good">configured<.*>default</);
  expect(rowOf(page, "Fly")).toContain(">failed<");
  expect(rowOf(page, "Hetzner")).toMatch(/badge good">configured</);
  expect(rowOf(page, "Hetzner")).not.toContain(">default<");
  expect(rowOf(page, "Daytona")).toContain(">not configured<");
  expect(rowOf(page, "Daytona")).toContain("The operator sets DAYTONA_API_KEY.");
  for (const name of ["Audit signatures", "Assertions", "Sealing", "Traffic"]) {
    expect(rowOf(page, name)).toContain("badge good");
  }
  for (const secret of [
    env.HOST_SECRET,
    env.ADMIN_TOKEN,
    env.FLY_API_URL,
    env.SEALING_KEYS,
    "secret words",
  ]) {
    expect(page).not.toContain(secret);
  }
});

it("of a deployment without any, each says what the operator has to set", async () => {
  const bare = { DB: env.DB, BASE_DOMAIN: "gentity.test" } as typeof env;
  const who = { accountId: "acc_test", actor: { type: "system" as const, id: "test" } };
  const ctx = newContext(bare, who, { requestId: "req_test", now: Date.now(), background: () => {} });
  const { providers, features } = await readDeployment(ctx);
  expect(
    providers.every(({ configured, isDefault, howTo }) => !configured && !isDefault && howTo !== ""),
  ).toBe(true);
  expect(features.every(({ configured, variables }) => !configured && variables.length > 0)).toBe(true);
});
