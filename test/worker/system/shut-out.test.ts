import { afterAll, beforeAll, expect, it } from "vitest";
import { env, newTenant, type Tenant, worker } from "../harness.ts";
import { newVisitor, type Visitor } from "../visitor.ts";

let tenant: Tenant;
let id: string;
beforeAll(async () => {
  tenant = await newTenant();
  const wish = { agentType: "aider", modelProvider: "openai", modelName: "gpt-4o", apiKey: "sk-test" };
  id = (await tenant.call("POST", "/api/instances?wait=60", wish)).body.id;
});
afterAll(async () => {
  await tenant.call("DELETE", `/api/instances/${id}`);
});

type Headers = Record<string, string>;
const bySession = ({ cookie }: Visitor): Headers => ({ Cookie: cookie, Origin: "http://localhost" });
const byToken = (token: string): Headers => ({ Authorization: `Bearer ${token}` });

/** A terminal that has said something; resolves with the code and the reason it is closed with. */
async function openTerminal(headers: Headers): Promise<Promise<{ code: number; reason: string }>[]> {
  const ticket = await worker.fetch(`http://localhost/api/instances/${id}/terminal/ticket`, {
    method: "POST",
    headers,
  });
  expect(ticket.status).toBe(201);
  const url = new URL((await ticket.json<{ url: string }>()).url);
  const answer = await worker.fetch(`http://localhost${url.pathname}${url.search}`, {
    headers: { Upgrade: "websocket" },
  });
  const socket = answer.webSocket as WebSocket;
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
  );
  const shown = new Promise<void>((resolve) => socket.addEventListener("message", () => resolve()));
  socket.accept();
  await shown;
  // In a list, so that it is not waited for yet.
  return [closed];
}

it("what is open ends soon after its token was revoked, its session ended, its person removed", async () => {
  const { body } = await tenant.call("POST", "/api/tokens", { name: "lost" });
  const [signedOut, removed, stays] = [
    await newVisitor(tenant.accountId),
    await newVisitor(tenant.accountId, "member"),
    await newVisitor(tenant.accountId, "member"),
  ];
  const terminals = [
    ...(await openTerminal(byToken(body.plaintext))),
    ...(await openTerminal(bySession(signedOut))),
    ...(await openTerminal(bySession(removed))),
  ];
  const [staysOpen] = await openTerminal(bySession(stays));
  const watch = await worker.fetch(`http://localhost/api/instances/${id}/watch`, {
    headers: bySession(signedOut),
  });
  const watched = watch.text();

  const revoked = await tenant.call("DELETE", `/api/tokens/${body.token.id}`);
  expect(revoked.status).toBe(200);
  await env.DB.prepare("UPDATE sessions SET ended_at = 1 WHERE id = ?").bind(signedOut.sessionId).run();
  await env.DB.prepare("DELETE FROM members WHERE person_id = ?").bind(removed.personId).run();

  for (const closed of terminals) {
    expect(await closed).toEqual({ code: 4401, reason: "You are no longer signed in to this account." });
  }
  expect(await watched).toContain("event: end");
  const isOpen = await Promise.race([staysOpen, Promise.resolve("open")]);
  expect(isOpen).toBe("open");
});
