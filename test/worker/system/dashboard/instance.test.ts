import { beforeAll, describe, expect, it } from "vitest";
import { env, newTenant } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";
import { type Desk, formsOf, newDesk, SECRETS } from "./instance-rig.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await newDesk();
});

describe("the page of an instance", () => {
  it("tells all of it, offers what its state allows, and holds no secret", async () => {
    const { id, subdomain } = await desk.make({ name: "Reviewer", labels: { team: "red" } });
    const text = await desk.page(`/dashboard/instances/${id}`);
    expect(text).toContain("<h1>Reviewer</h1>");
    expect(text).toContain("state-running");
    for (const fact of [id, "gpt-4o", "team=red", "OWN_NAME", "Runs until it is stopped", "est."]) {
      expect(text).toContain(fact);
    }
    expect(text).toMatch(/States over time.*running for/s);
    expect(text).toMatch(/Usage by day/);
    expect(text).not.toContain("supported upgrade path");
    expect(formsOf(text, id).toSorted()).toEqual(
      "access clone delete name restart rotate-url sleep stop suspend transfer".split(" "),
    );
    for (const secret of [subdomain, SECRETS.apiKey, SECRETS.env.OWN_NAME]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/ style=|<style|<script(?! type="module" src="\/assets\/)/);
  });

  it("is found by its subdomain and by the beginning of either, and then called by its id", async () => {
    const { id, subdomain } = await desk.make();
    for (const name of [subdomain, subdomain.slice(0, -1), id.slice(0, -1)]) {
      const answer = await desk.visitor.get(`/dashboard/instances/${name}`);
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toBe(`/dashboard/instances/${id}`);
    }
  });

  it("is to another account the page of one that never was, and so is every form and page below it", async () => {
    const { id, subdomain } = await desk.make();
    const stranger = await newVisitor((await newTenant()).accountId);
    const never = async (path: string) => (await stranger.get(path)).text();
    const unknown = (await never("/dashboard/instances/cmp01zzzzzzzzzzzzzzzzzzzzzzzz")).replace(
      /req_\w+/,
      "",
    );
    for (const name of [id, subdomain, id.slice(0, -1)]) {
      const answer = await stranger.get(`/dashboard/instances/${name}`);
      expect(answer.status).toBe(404);
      expect(
        (await answer.text()).replace(/req_\w+/, "").replaceAll(name, "cmp01zzzzzzzzzzzzzzzzzzzzzzzz"),
      ).toBe(unknown);
    }
    for (const path of ["url", "open", "events", "traffic", "usage.csv"]) {
      expect((await stranger.get(`/dashboard/instances/${id}/${path}`)).status, path).toBe(404);
    }
    const fields = { name: "x", access: "token", idleMinutes: "", wakeAt: "", wakeCron: "9", sure: "yes" };
    const more = {
      hours: "1",
      reason: "r",
      linkHours: "1",
      form: "f",
      cloneName: "x",
      to: "a@b.c",
      confirmation: "x",
    };
    const forms =
      "start stop restart suspend resume hold name access sleep rotate-url links clone transfer withdraw delete";
    for (const form of forms.split(" ")) {
      const answer = await stranger.post(`/dashboard/instances/${id}/${form}`, { ...fields, ...more });
      expect(answer.status, form).toBe(404);
    }
    expect(await desk.get(id)).toMatchObject({ status: "running", access: "link", subdomain });
  });

  it("reads of a long history only the time that it shows", async () => {
    const { id } = await desk.make();
    const plan = await env.DB.prepare(
      `EXPLAIN QUERY PLAN SELECT * FROM periods WHERE instance_id = ? AND account_id = ?
       AND ifnull(ended_at, 9007199254740991) > ? ORDER BY ifnull(ended_at, 9007199254740991) DESC LIMIT 1001`,
    )
      .bind(id, desk.tenant.accountId, 0)
      .all<{ detail: string }>();
    const steps = plan.results.map(({ detail }) => detail).join("\n");
    expect(steps).toContain("periods_by_end (instance_id=? AND <expr>>?)");
    expect(steps).not.toContain("TEMP B-TREE");
  });
});

describe("its address", () => {
  it("is shown to who asks: on a page of its own, or as itself to a script", async () => {
    const { id, subdomain } = await desk.make();
    const path = `/dashboard/instances/${id}/url`;
    const url = `https://${subdomain}.gentity.test/`;
    const text = await desk.page(path);
    expect(text).toContain(`<code>${url}</code>`);
    expect(text).toContain(`href="/dashboard/instances/${id}"`);
    const bare = await desk.visitor.get(path, { Accept: "text/plain" });
    expect(await bare.text()).toBe(url);
    expect(bare.headers.get("cache-control")).toBe("private, no-store");
    const opened = await desk.visitor.get(`/dashboard/instances/${id}/open`);
    expect([opened.status, opened.headers.get("location")]).toEqual([303, url]);
  });

  it("is rotated only by who is sure", async () => {
    const { id, subdomain } = await desk.make();
    const page = await desk.refused(id, "rotate-url", {}, 400);
    expect(page).toContain("It is rotated only if you are sure.");
    expect((await desk.get(id)).subdomain).toBe(subdomain);
    expect(await desk.send(id, "rotate-url", { sure: "yes" })).toBe(
      `/dashboard/instances/${id}?done=rotated`,
    );
    const moved = (await desk.get(id)).subdomain;
    expect(moved).not.toBe(subdomain);
    const text = await desk.page(`/dashboard/instances/${id}?done=rotated`);
    expect(text).toContain("It has a new address.");
    for (const name of [subdomain, moved]) {
      expect(text).not.toContain(name);
    }
  });

  it("opens less with another access; a signed link is shown once and stands in no page", async () => {
    const { id, subdomain } = await desk.make();
    expect(await desk.refused(id, "links", { linkHours: "1" }, 409)).not.toContain(subdomain);
    await desk.send(id, "access", { access: "token" });
    expect((await desk.visitor.get(`/dashboard/instances/${id}/open`)).status).toBe(409);
    await desk.send(id, "access", { access: "signed" });
    const text = await desk.refused(id, "links", { linkHours: "1" }, 200);
    const link = /<code>(https:[^<]+gentity_link=[^<]+)</.exec(text)?.[1] ?? "";
    expect(link).toContain(`https://${subdomain}.`);
    const proof = link.split("gentity_link=")[1] ?? "nothing";
    const page = await desk.page(`/dashboard/instances/${id}`);
    expect(page).toContain("made a signed link until");
    expect(page).not.toContain(proof);
    const opened = await desk.visitor.get(`/dashboard/instances/${id}/open`);
    expect(opened.headers.get("location")).toContain("gentity_link=");
    const foreign = await desk.visitor.get(`/dashboard/instances/${id}/open`, {
      "Sec-Fetch-Site": "cross-site",
    });
    expect(foreign.status).toBe(403);
  });
});
