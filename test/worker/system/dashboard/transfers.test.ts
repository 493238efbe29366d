import { beforeAll, describe, expect, it } from "vitest";
import { AIDER, env, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const PLACE = "/dashboard/transfers";

let source: Tenant;
let receiver: Tenant;
let giving: Visitor;
let taking: Visitor;
let id: string;

beforeAll(async () => {
  [source, receiver] = [await newTenant(), await newTenant()];
  [giving, taking] = [await newVisitor(source.accountId), await newVisitor(receiver.accountId)];
  const { body } = await source.call("POST", "/api/instances?wait=60", { ...AIDER, name: "<b>gift</b>" });
  expect(body).toMatchObject({ status: "running" });
  id = body.id;
});

const see = async (who: Visitor, path = PLACE) => (await who.get(path)).text();

async function offer(): Promise<string> {
  const { body, status } = await source.call("POST", `/api/instances/${id}/transfer`, {
    to: `${receiver.accountId}@test`,
  });
  expect(status).toBe(201);
  return body.transfer.id;
}

describe("/dashboard/transfers", () => {
  it("has something to say where there is nothing", async () => {
    const page = await see(giving);
    expect(page).toContain("Nothing was transferred yet");
    expect(page).toContain(`${source.accountId}@test`);
  });

  it("shows an offer to both, and to nobody else; the one withdraws it, the other declines it", async () => {
    const first = await offer();
    const [theirs, ours] = [await see(giving), await see(taking)];
    expect(theirs).toContain(`action="${PLACE}/${first}/cancel"`);
    expect(theirs).not.toContain(`${first}/accept`);
    expect(ours).toContain(`action="${PLACE}/${first}/accept"`);
    expect(ours).toContain("gpt-4o (openai)");
    expect(ours).toContain("Its URL is new");
    expect(ours).toContain("&lt;b&gt;gift&lt;/b&gt;");
    expect(ours).not.toContain("<b>gift");
    const stranger = await newVisitor((await newTenant()).accountId);
    expect(await see(stranger)).not.toContain(first);
    for (const action of ["accept", "decline", "cancel"]) {
      expect((await stranger.post(`${PLACE}/${first}/${action}`)).status).toBe(404);
    }
    // The receiver cannot withdraw it, nor the owner decline it.
    expect((await taking.post(`${PLACE}/${first}/cancel`)).status).toBe(404);
    expect((await giving.post(`${PLACE}/${first}/decline`)).status).toBe(404);

    const withdrawn = await giving.post(`${PLACE}/${first}/cancel`);
    expect([withdrawn.status, withdrawn.headers.get("location")]).toEqual([303, `${PLACE}?done=cancelled`]);
    const late = await taking.post(`${PLACE}/${first}/accept`);
    expect(late.status).toBe(409);
    expect(await late.text()).toMatch(/role="alert"[^>]*>[^<]*cancelled/);

    const second = await offer();
    expect((await taking.post(`${PLACE}/${second}/decline`)).headers.get("location")).toBe(
      `${PLACE}?done=declined`,
    );
    const history = await see(giving, `${PLACE}?done=declined`);
    expect(history).toContain(">cancelled<");
    expect(history).toContain(">declined<");
    expect(history).toContain("The offer is declined");
  });

  it("refuses what is no model key beside its field, and never repeats it", async () => {
    const transfer = await offer();
    const refused = await taking.post(`${PLACE}/${transfer}/accept`, { apiKey: "sk with spaces" });
    const page = await refused.text();
    expect(refused.status).toBe(400);
    expect(page).toMatch(/<details class="confirm[^"]*" open/);
    expect(page).toMatch(/class="mistake">[^<]+</);
    expect(page).not.toContain("sk with spaces");
    await giving.post(`${PLACE}/${transfer}/cancel`);
  });

  it("hands an instance over by two forms", async () => {
    const transfer = await offer();
    const accepted = await taking.post(`${PLACE}/${transfer}/accept`, { apiKey: "sk-the-receivers-own" });
    expect([accepted.status, accepted.headers.get("location")]).toEqual([303, `${PLACE}?done=accepted`]);
    expect((await source.call("GET", `/api/instances/${id}`)).status).toBe(404);
    expect((await receiver.call("GET", `/api/instances/${id}`)).body.instance.id).toBe(id);
    const theirs = await see(taking, `${PLACE}?done=accepted`);
    expect(theirs).toContain(`href="/dashboard/instances/${id}"`);
    expect(theirs).toContain("The instance is yours, at a new URL");
    expect(await see(giving)).not.toContain(`href="/dashboard/instances/${id}"`);
    const [event] = (await receiver.call("GET", `/api/instances/${id}/events`)).body.events.filter(
      ({ action }: any) => action === "transfer.accept",
    );
    expect(event.actor).toBe(`user:${taking.personId}`);
  });

  it("no longer shows as open what has run out, and pages through what is decided", async () => {
    const insert = env.DB.prepare(
      `INSERT INTO transfers (id, instance_id, instance_name, agent_type, from_account, receiver, to_account, state, created_at, expires_at, decided_at)
       VALUES (?, 'cmpnone', 'many', 'aider', ?, 'x@test', NULL, ?, 1, 2, NULL)`,
    );
    const many = await newTenant();
    const someone = await newVisitor(many.accountId);
    await env.DB.batch(
      Array.from({ length: 61 }, (_, index) =>
        insert.bind(
          `trf_many${String(index).padStart(3, "0")}${many.accountId}`,
          many.accountId,
          index === 60 ? "offered" : "declined",
        ),
      ),
    );
    const first = await see(someone);
    expect(first).not.toContain("/cancel");
    expect(first.match(/>declined</g)).toHaveLength(50);
    const next = /href="([^"]+)" rel="next"/.exec(first)?.[1] ?? "";
    expect((await see(someone, next)).match(/>declined</g)).toHaveLength(10);
  });
});
