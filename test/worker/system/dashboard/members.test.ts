import { describe, expect, it } from "vitest";
import type { Role } from "../../../../src/auth/roles.ts";
import { auditActions, call, env, newTenant } from "../../harness.ts";
import { newGuest, newVisitor, type Visitor } from "../../visitor.ts";

const HERE = "/dashboard/settings/members";
const OURS = { Origin: "http://localhost" };

const isIn = async (visitor: Pick<Visitor, "get">) =>
  (await visitor.get("/dashboard/nothing-here")).status === 404;

const membersOf = async (accountId: string) => {
  const { results } = await env.DB.prepare("SELECT person_id, role FROM members WHERE account_id = ?")
    .bind(accountId)
    .all<{ person_id: string; role: Role }>();
  return Object.fromEntries(results.map(({ person_id, role }) => [person_id, role]));
};

const newEmail = () => `${crypto.randomUUID().slice(0, 13)}@people.test`;

/** The path of the link that the page shows, once. */
async function linkIn(answer: Response): Promise<string> {
  const link = /http:\/\/localhost(\/invitations\/[a-z2-7]{52})/.exec(await answer.text())?.[1];
  if (link === undefined) throw new Error("the page shows no link");
  return link;
}

async function arrange(role: Role = "member") {
  const { accountId } = await newTenant();
  const owner = await newVisitor(accountId);
  const email = newEmail();
  const made = await owner.post(`${HERE}/invite`, { email: email.toUpperCase(), role });
  return { accountId, owner, email, made, link: await linkIn(made) };
}

describe("an invitation", () => {
  it("is a link that is shown once; whoever accepts it belongs to the account from then on", async () => {
    const { accountId, owner, email, link } = await arrange();
    const listed = await (await owner.get(HERE)).text();
    expect(listed).toContain(email);
    expect(listed).not.toContain(link);
    const guest = await newGuest(accountId, { email });
    expect(await isIn(guest)).toBe(false);
    const page = await guest.get(link);
    expect(page.status).toBe(200);
    const told = await page.text();
    expect(told).toContain(`${accountId}@test`);
    expect(told).toContain(owner.email);
    expect(await membersOf(accountId)).toEqual({ [owner.personId]: "owner" });

    const accepted = await guest.post(`${link}/accept`);
    expect([accepted.status, accepted.headers.get("location")]).toEqual([303, "/dashboard"]);
    expect(await isIn(guest)).toBe(true);
    expect(await membersOf(accountId)).toEqual({ [owner.personId]: "owner", [guest.personId]: "member" });
    expect(await auditActions(accountId)).toEqual(["invitation.create", "member.join"]);
    expect(await (await owner.get(HERE)).text()).not.toContain("Invited");
  });

  it("is for its email alone: a link that was passed on lets nobody in", async () => {
    const { accountId, link } = await arrange();
    const other = await newGuest(accountId);
    const page = await other.get(link);
    expect(page.status).toBe(404);
    expect(await page.text()).not.toContain(`${accountId}@test`);
    expect((await other.post(`${link}/accept`)).status).toBe(409);
    expect(Object.keys(await membersOf(accountId))).toHaveLength(1);
  });

  it("asks whoever is not signed in to sign in first, and brings them back", async () => {
    const { link } = await arrange();
    const answer = await call("GET", link, { headers: { Accept: "text/html" } });
    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(link)}`,
    ]);
  });

  it("lets one in once, however often it is accepted at once", async () => {
    const { accountId, email, link } = await arrange();
    const guests = await Promise.all([1, 2, 3].map(() => newGuest(accountId, { email })));
    const answers = await Promise.all(guests.map((guest) => guest.post(`${link}/accept`)));
    // Three people of one email: whoever was first belongs to it.
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409, 409]);
    expect(Object.keys(await membersOf(accountId))).toHaveLength(2);
    const again = await guests[0]?.post(`${link}/accept`);
    expect(again?.status).toBe(409);
  });

  it("may be declined: then it is over, and so is a session that has nowhere to look", async () => {
    const { accountId, email, link } = await arrange();
    const guest = await newGuest(accountId, { email });
    const declined = await guest.post(`${link}/decline`);
    expect(declined.status).toBe(200);
    expect(declined.headers.get("set-cookie")).toContain("Max-Age=0");
    expect((await guest.get(link)).status).toBe(303);
    expect((await (await newGuest(accountId, { email })).get(link)).status).toBe(404);
    expect(await auditActions(accountId)).toEqual(["invitation.create", "invitation.decline", "session.end"]);
  });

  it("is answered by a form of one's own session", async () => {
    const { accountId, email, link } = await arrange();
    const [guest, other] = [await newGuest(accountId, { email }), await newGuest(accountId)];
    expect((await guest.post(`${link}/accept`, { formToken: other.formToken })).status).toBe(403);
    expect((await guest.post(`${link}/accept`, {}, { Origin: "http://evil.localhost" })).status).toBe(403);
    expect(Object.keys(await membersOf(accountId))).toHaveLength(1);
  });

  it.each([
    ["was withdrawn", "UPDATE invitations SET ended_at = 1 WHERE email = ?"],
    ["is a week old", "UPDATE invitations SET expires_at = 1 WHERE email = ?"],
  ])("that %s lets nobody in", async (_, change) => {
    const { accountId, email, link } = await arrange();
    await env.DB.prepare(change).bind(email).run();
    const guest = await newGuest(accountId, { email });
    expect((await guest.get(link)).status).toBe(404);
    expect((await guest.post(`${link}/accept`)).status).toBe(409);
  });

  it("is withdrawn by a button, and by a newer one of the same email", async () => {
    const { accountId, owner, email, link } = await arrange();
    const newer = await linkIn(await owner.post(`${HERE}/invite`, { email, role: "owner" }));
    const guest = await newGuest(accountId, { email });
    expect((await guest.get(link)).status).toBe(404);
    expect((await guest.get(newer)).status).toBe(200);
    const page = await (await owner.get(HERE)).text();
    const [, action = ""] = /action="([^"]+\/withdraw)"/.exec(page) ?? [];
    const stranger = await newVisitor((await newTenant()).accountId);
    expect((await stranger.post(action)).status).toBe(404);
    expect((await owner.post(action)).status).toBe(303);
    expect((await guest.get(newer)).status).toBe(404);
    expect((await owner.post(action)).status).toBe(404);
  });

  it("is told of as what it lacks, with what was typed", async () => {
    const { accountId } = await newTenant();
    const owner = await newVisitor(accountId);
    for (const email of ["", "nobody", owner.email.toUpperCase()]) {
      const refused = await owner.post(`${HERE}/invite`, { email, role: "owner" });
      expect(refused.status).toBe(400);
      const page = await refused.text();
      expect(page).toContain('aria-invalid="true"');
      expect(page).toContain(`value="${email}"`);
    }
    expect(await auditActions(accountId)).toEqual([]);
  });

  it("stands in no log: its path holds its secret", async () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => void lines.push(line);
    try {
      const { accountId, email, link } = await arrange();
      await (await newGuest(accountId, { email })).get(link);
      const secret = link.split("/").at(-1) ?? "";
      expect(lines.some((line) => line.includes("/invitations/…"))).toBe(true);
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    } finally {
      console.log = log;
    }
  });
});

describe("whoever belongs to an account", () => {
  it("sees who else does; only owners are offered to change it, and only they can", async () => {
    const { accountId } = await newTenant();
    const [owner, member] = [await newVisitor(accountId), await newVisitor(accountId, "member")];
    const page = await (await member.get(HERE)).text();
    expect(page).toContain(owner.email);
    expect(page).not.toContain(`${HERE}/invite`);
    expect(page).not.toContain(`${owner.personId}/remove`);
    expect(page).toContain(`${member.personId}/remove`);
    const tries = [
      member.post(`${HERE}/invite`, { email: newEmail(), role: "member" }),
      member.post(`${HERE}/${owner.personId}/remove`),
      member.post(`${HERE}/${member.personId}/role`, { role: "owner" }),
      member.post(`${HERE}/invitations/inv_x/withdraw`),
    ];
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(await membersOf(accountId)).toEqual({ [owner.personId]: "owner", [member.personId]: "member" });
  });

  it("is nobody to another account's owner", async () => {
    const [{ accountId }, elsewhere] = [await newTenant(), await newTenant()];
    const [owner, stranger] = [await newVisitor(accountId), await newVisitor(elsewhere.accountId)];
    await newVisitor(accountId);
    expect((await stranger.post(`${HERE}/${owner.personId}/remove`)).status).toBe(404);
    expect((await stranger.post(`${HERE}/${owner.personId}/role`, { role: "member" })).status).toBe(404);
    expect((await stranger.get(HERE)).status).toBe(200);
    expect(Object.keys(await membersOf(accountId))).toHaveLength(2);
  });

  it("is out at once when removed: their sessions there end, and what they made tokens of works no longer", async () => {
    const { accountId } = await newTenant();
    const [owner, member] = [await newVisitor(accountId), await newVisitor(accountId, "member")];
    const { body } = await call("POST", "/api/tokens", {
      body: { name: "mine" },
      headers: { Cookie: member.cookie, ...OURS },
    });
    const byToken = () =>
      call("GET", "/api/account", { headers: { Authorization: `Bearer ${body.plaintext}` } });
    expect((await byToken()).status).toBe(200);
    const answer = await owner.post(`${HERE}/${member.personId}/remove`);
    expect(answer.headers.get("location")).toBe(`${HERE}?done=removed`);
    expect(await isIn(member)).toBe(false);
    expect((await byToken()).status).toBe(401);
    const token = await env.DB.prepare("SELECT revoked_at FROM tokens WHERE id = ?")
      .bind(body.token.id)
      .first<{ revoked_at: number | null }>();
    expect(token?.revoked_at).not.toBeNull();
    const event = await env.DB.prepare(
      "SELECT actor, detail FROM audit_events WHERE chain = ? AND action = 'member.leave'",
    )
      .bind(accountId)
      .first<{ actor: string; detail: string }>();
    expect(event?.actor).toBe(`user:${owner.personId}`);
    expect(JSON.parse(event?.detail ?? "")).toEqual({
      before: { email: member.email, role: "member" },
      sessionsEnded: [member.sessionId],
      tokensRevoked: [body.token.id],
    });
  });

  it("may leave by themselves", async () => {
    const { accountId } = await newTenant();
    const [owner, member] = [await newVisitor(accountId), await newVisitor(accountId, "member")];
    const left = await member.post(`${HERE}/${member.personId}/remove`);
    expect(left.headers.get("location")).toBe("/sign-in?done=signed-out");
    expect(await isIn(member)).toBe(false);
    expect(await membersOf(accountId)).toEqual({ [owner.personId]: "owner" });
  });

  it("changes role from the next request on", async () => {
    const { accountId } = await newTenant();
    const [owner, member] = [await newVisitor(accountId), await newVisitor(accountId, "member")];
    expect((await owner.post(`${HERE}/${member.personId}/role`, { role: "owner" })).status).toBe(303);
    expect((await member.post(`${HERE}/${owner.personId}/role`, { role: "member" })).status).toBe(303);
    expect((await owner.post(`${HERE}/${member.personId}/remove`)).status).toBe(403);
    // Again changes nothing, and is no mistake.
    expect((await member.post(`${HERE}/${owner.personId}/role`, { role: "member" })).status).toBe(303);
    expect(await auditActions(accountId)).toEqual(["member.change", "member.change"]);
  });
});

describe("the last owner", () => {
  it("neither leaves nor is demoted", async () => {
    const { accountId } = await newTenant();
    const owner = await newVisitor(accountId);
    await newVisitor(accountId, "member");
    for (const [what, fields] of [
      ["remove", {}],
      ["role", { role: "member" }],
    ] as const) {
      const answer = await owner.post(`${HERE}/${owner.personId}/${what}`, fields);
      expect(answer.status).toBe(409);
      expect(await answer.text()).toContain("The last owner of an account cannot be");
    }
    expect(await isIn(owner)).toBe(true);
    expect(await auditActions(accountId)).toEqual([]);
  });

  it.each([
    ["leave", (one: Visitor) => [one.personId, "remove", {}]],
    ["are demoted by themselves", (one: Visitor) => [one.personId, "role", { role: "member" }]],
    ["remove each other", (_: Visitor, other: Visitor) => [other.personId, "remove", {}]],
    ["demote each other", (_: Visitor, other: Visitor) => [other.personId, "role", { role: "member" }]],
  ] as const)("is still there when two of them %s at once", async (_, what) => {
    for (let round = 0; round < 3; round++) {
      const { accountId } = await newTenant();
      const [one, other] = [await newVisitor(accountId), await newVisitor(accountId)];
      const act = (by: Visitor, to: Visitor) => {
        const [personId, verb, fields] = what(by, to);
        return by.post(`${HERE}/${personId}/${verb}`, fields as Record<string, string>);
      };
      await Promise.all([act(one, other), act(other, one)]);
      const owners = Object.values(await membersOf(accountId)).filter((role) => role === "owner");
      expect(owners).toHaveLength(1);
    }
  });
});
