import { describe, expect, it } from "vitest";
import { currentRelease, findAgent } from "../../../src/catalog/catalog.ts";
import { AIDER, call, env, newTenant, operate, type Tenant } from "../harness.ts";

const aider = findAgent("aider");
if (!aider) {
  throw new Error("no aider");
}
const shipped = currentRelease(aider);
const PATH = "/api/admin/agents/aider/releases";

let made = 0;
/** A release nobody has seen, whose recipe can be told from the one that ships. */
function aRelease(over: object = {}) {
  const release = `1.0.${Date.now()}-${made++}`;
  const { repository } = shipped.image;
  return {
    release,
    image: { repository, tag: `v${release}`, digest: `sha256:${"ab".repeat(32)}` },
    recipe: { ...shipped.recipe, env: { ...shipped.recipe.env, MARK: release } },
    ...over,
  };
}

const getInstance = async (tenant: Tenant, id: string) =>
  (await tenant.call("GET", `/api/instances/${id}`)).body.instance;
const act = (tenant: Tenant, id: string, action: string) =>
  tenant.call("POST", `/api/instances/${id}/action`, { action });
const mark = async (tenant: Tenant, id: string) =>
  (
    await tenant.call("POST", `/api/instances/${id}/exec`, { command: 'echo "$GENTITY_RELEASE $MARK"' })
  ).body.stdout.trim();

/** What the vendor holds of an instance. */
async function machineOf(id: string) {
  const row = await env.DB.prepare("SELECT place, machine FROM instances WHERE id = ?")
    .bind(id)
    .first<{ place: string; machine: string }>();
  const response = await fetch(`${env.FLY_API_URL}/v1/apps/${row?.place}/machines/${row?.machine}`, {
    headers: { Authorization: `Bearer ${env.FLY_API_TOKEN}` },
  });
  const { id: machine, config } = await response.json<{ id: string; config: { image: string } }>();
  return { machine, config };
}

describe("a published release", () => {
  it("touches no instance that exists: stopped and started, it is what it was, and says that it is behind", async () => {
    const tenant = await newTenant();
    const { body } = await tenant.call("POST", "/api/instances?wait=60", AIDER);
    expect(body.status).toBe("running");
    const before = await machineOf(body.id);
    const shown = (await getInstance(tenant, body.id)).image;
    const markBefore = await mark(tenant, body.id);
    expect((await act(tenant, body.id, "stop")).status).toBe(200);

    const release = aRelease();
    const published = await operate("POST", PATH, release);
    expect(published.status).toBe(201);
    const image = `${release.image.repository}@${release.image.digest}`;
    expect(published.body.release).toMatchObject({ agentId: "aider", release: release.release, image });

    expect((await act(tenant, body.id, "start")).body).toEqual({ ok: true, status: "running" });
    expect((await act(tenant, body.id, "restart")).body).toEqual({ ok: true, status: "running" });
    expect(await machineOf(body.id)).toEqual(before);
    expect(await mark(tenant, body.id)).toBe(markBefore);
    const behind = { ref: shown.ref, release: shown.release, outdated: true, latestRelease: release.release };
    expect((await getInstance(tenant, body.id)).image).toEqual(behind);
    expect((await tenant.call("GET", "/api/instances")).body.instances[0].image).toEqual(behind);

    const fresh = (await tenant.call("POST", "/api/instances?wait=60", AIDER)).body;
    expect(await mark(tenant, fresh.id)).toBe(`${release.release} ${release.release}`);
    expect((await machineOf(fresh.id)).config.image).toBe(image);
    expect((await getInstance(tenant, fresh.id)).image).toEqual({
      ref: image,
      release: release.release,
      outdated: false,
      latestRelease: release.release,
    });
    await tenant.call("DELETE", `/api/instances/${body.id}`);
    await tenant.call("DELETE", `/api/instances/${fresh.id}`);
  });

  it("is what the public catalog shows, and is audited with the deployment", async () => {
    const release = aRelease();
    await operate("POST", PATH, release);
    const { body } = await call("GET", "/api/catalog/agents");
    expect(body.agents.find(({ id }: { id: string }) => id === "aider")).toMatchObject({
      release: release.release,
      image: { ref: `${release.image.repository}@${release.image.digest}`, verification: "digest" },
    });
    const event = await env.DB.prepare("SELECT account_id, actor, action FROM audit_events WHERE target = ?")
      .bind(`aider@${release.release}`)
      .first();
    expect(event).toEqual({
      account_id: "deployment",
      actor: "operator:admin_token",
      action: "release.publish",
    });
  });

  it("is never edited and never taken back", async () => {
    const release = aRelease();
    await operate("POST", PATH, release);
    await expect(
      env.DB.prepare("UPDATE releases SET digest = 'x' WHERE release = ?").bind(release.release).run(),
    ).rejects.toThrow(/never edited/);
    await expect(
      env.DB.prepare("DELETE FROM releases WHERE release = ?").bind(release.release).run(),
    ).rejects.toThrow(/never deleted/);
    const again = await operate("POST", PATH, aRelease({ release: release.release }));
    expect([again.status, again.body.code]).toEqual([409, "release_exists"]);
  });

  it("is published once when asked for many times at once", async () => {
    const release = aRelease();
    const answers = await Promise.all(Array.from({ length: 6 }, () => operate("POST", PATH, release)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  const withRecipe = (over: object) => ({ recipe: { ...shipped.recipe, ...over } });
  it.each<[string, string, object, number, string]>([
    ["no such agent", "/api/admin/agents/nobody/releases", {}, 404, "not_found"],
    ["the name of one that ships", PATH, { release: shipped.release }, 409, "release_exists"],
    [
      "an image without a digest",
      PATH,
      { image: { ...shipped.image, digest: undefined } },
      400,
      "invalid_request",
    ],
    [
      "a digest that is none",
      PATH,
      { image: { repository: "docker.io/a/b", tag: "1", digest: "sha256:abc" } },
      400,
      "invalid_request",
    ],
    ["a misspelt field", PATH, withRecipe({ healthpath: "/" }), 400, "invalid_request"],
    ["no recipe", PATH, { recipe: undefined }, 400, "invalid_request"],
    ["a placeholder that does not exist", PATH, withRecipe({ env: { A: "{{x}}" } }), 400, "invalid_release"],
    [
      "less than the catalog promises",
      PATH,
      withRecipe({ providers: shipped.recipe.providers.slice(0, 1) }),
      400,
      "invalid_release",
    ],
  ])("is refused with %s, and the catalog stays as it was", async (_, path, over, status, code) => {
    const before = await call("GET", "/api/catalog/agents");
    const answer = await operate("POST", path, aRelease(over));
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect((await call("GET", "/api/catalog/agents")).body).toEqual(before.body);
  });
});

describe("the operator's list", () => {
  it("has every account's instances, page by page, and those of one", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const a = (await one.call("POST", "/api/instances", AIDER)).body.id;
    const b = (await two.call("POST", "/api/instances", AIDER)).body.id;
    const listed = (await operate("GET", "/api/admin/instances")).body.instances;
    const ownerOf = (id: string) => listed.find((row: { id: string }) => row.id === id)?.accountId;
    expect([ownerOf(a), ownerOf(b)]).toEqual([one.accountId, two.accountId]);
    const first = (await operate("GET", "/api/admin/instances?limit=1")).body;
    const second = (await operate("GET", `/api/admin/instances?limit=1&cursor=${first.nextCursor}`)).body;
    expect([first.instances[0].id, second.instances[0].id]).toEqual([b, a]);
    const ofOne = (await operate("GET", `/api/admin/instances?accountId=${one.accountId}`)).body.instances;
    expect(ofOne.map(({ id }: { id: string }) => id)).toEqual([a]);
    expect(JSON.stringify(listed)).not.toContain("sk-test");
    await one.call("DELETE", `/api/instances/${a}`);
    await two.call("DELETE", `/api/instances/${b}`);
  });
});
