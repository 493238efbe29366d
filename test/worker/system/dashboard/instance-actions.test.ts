import { beforeAll, describe, expect, it } from "vitest";
import { type Desk, formsOf, newDesk, SECRETS } from "./instance-rig.ts";

let desk: Desk;
beforeAll(async () => {
  desk = await newDesk();
});

const LIFECYCLE = ["start", "stop", "restart", "suspend", "resume"];
const offered = (text: string, id: string) => formsOf(text, id).filter((form) => LIFECYCLE.includes(form));

describe("actions of an instance", () => {
  it("are accepted at once and told of; what came of them is in the timeline, and who did it in the events", async () => {
    const { id } = await desk.make();
    const path = `/dashboard/instances/${id}`;
    const rounds = [
      ["suspend", "suspended", ["resume", "stop"]],
      ["resume", "running", ["stop", "restart", "suspend"]],
      ["stop", "stopped", ["start"]],
      ["start", "running", ["stop", "restart", "suspend"]],
      ["restart", "running", ["stop", "restart", "suspend"]],
    ] as const;
    for (const [action, state, next] of rounds) {
      const begun = Date.now();
      const before = (await desk.get(id)).generation;
      expect(await desk.send(id, action)).toBe(`${path}?done=${action}`);
      expect(Date.now() - begun).toBeLessThan(3_000);
      expect(await desk.page(`${path}?done=${action}`)).toContain("was accepted.");
      expect((await desk.get(id)).generation).toBeGreaterThan(before);
      await desk.until(id, state);
      const text = await desk.page(path);
      expect(text).toContain(`state-${state}`);
      expect(offered(text, id).toSorted()).toEqual([...next].toSorted());
    }
    const text = await desk.page(path);
    for (const state of ["running", "suspended", "stopped"]) {
      expect(text).toMatch(new RegExp(`<desc[^>]*>[^<]*${state} for`));
    }
    expect(text).toContain(desk.visitor.email);
    expect(text).toContain("stopping → starting");
    const all = await desk.page(`${path}/events`);
    expect(all).toContain("created on release");
    // The token that made it.
    expect(all).toContain("token test");
    for (const days of [7, 30]) {
      expect(await desk.page(`${path}?days=${days}`)).toContain(`?days=${days}#states" aria-current="true"`);
    }
  });

  it("that its state does not allow are refused with a sentence, on its page", async () => {
    const { id, subdomain } = await desk.make();
    const path = `/dashboard/instances/${id}`;
    expect(await desk.send(id, "resume")).toBe(`${path}?done=already`);
    await desk.send(id, "stop");
    await desk.until(id, "stopped");
    for (const action of ["suspend", "resume"]) {
      const page = await desk.refused(id, action, {}, 409);
      expect(page).toContain(`The instance is stopped; it cannot ${action} now.`);
      expect(page).toContain("It is stopped, not suspended: start it first.");
      expect(page).not.toContain(subdomain);
    }
    expect((await desk.visitor.get(`${path}/suspend`)).headers.get("location")).toBe(path);
  });

  it("are followed live: state and what is offered then, and no secret", async () => {
    const { id, subdomain } = await desk.make();
    const answer = await desk.visitor.get(`/dashboard/instances/live?kind=page&ids=${id}.none`);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const until = async (text: string) => {
      while (!heard.includes(text)) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        expect(done, heard).toBe(false);
        heard += value;
      }
    };
    await until("state-running");
    await desk.send(id, "stop");
    await until("state-stopped");
    expect(heard).toContain(`/dashboard/instances/${id}/start`);
    expect(heard).not.toContain(subdomain);
    await reader?.cancel();
  });

  it("begin with its creation, whose steps are shown until it runs", async () => {
    const { status, body } = await desk.tenant.call("POST", "/api/instances", SECRETS);
    expect(status).toBe(202);
    const text = await desk.page(`/dashboard/instances/${body.id}`);
    if (!text.includes("state-running")) {
      expect(text).toContain("Being made");
      expect(offered(text, body.id)).toEqual([]);
      expect(formsOf(text, body.id)).toContain("delete");
    }
    await desk.until(body.id, "running");
  });

  it("hold it awake, and let it go", async () => {
    const { id } = await desk.make({ idleTimeoutSeconds: 3600 });
    const path = `/dashboard/instances/${id}`;
    expect(await desk.refused(id, "hold", { hours: "4", reason: " " }, 400)).toContain("is needed");
    expect(await desk.refused(id, "hold", { hours: "1000", reason: "x" }, 400)).toContain("is too long");
    expect(await desk.send(id, "hold", { hours: "4", reason: "a long build" })).toBe(`${path}?done=held`);
    const held = await desk.page(path);
    expect(held).toContain("a long build");
    expect(held).toContain("Let it go");
    await desk.send(id, "hold", { hours: "0", reason: "let go" });
    const freed = await desk.page(path);
    expect(freed).not.toContain("Let it go");
    expect(freed).toContain("hold for 4 h (a long build)");
    expect(freed).toContain("let the hold go");
  });

  it("delete it with its name typed, and leave its page to be read", async () => {
    const { id, subdomain } = await desk.make({ name: "Old & done" });
    const path = `/dashboard/instances/${id}`;
    for (const confirmation of ["", "old & done", id]) {
      expect(await desk.refused(id, "delete", { confirmation }, 400)).toContain("This is not its name.");
    }
    expect((await desk.get(id)).status).toBe("running");
    expect(await desk.send(id, "delete", { confirmation: "Old & done" })).toBe(`${path}?done=delete`);
    for (let tries = 0; !(await desk.page(path)).includes("This instance is deleted."); tries++) {
      expect(tries).toBeLessThan(100);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const text = await desk.page(path);
    for (const kept of [
      "<h1>Old &amp; done</h1>",
      "state-deleted",
      "States over time",
      "Usage by day",
      "gpt-4o",
      desk.visitor.email,
    ]) {
      expect(text).toContain(kept);
    }
    expect(formsOf(text, id)).toEqual([]);
    expect(text).not.toContain(subdomain);
    expect(text).not.toContain(`${path}/terminal`);
    for (const form of ["start", "delete", "hold", "clone"]) {
      const fields = { confirmation: "Old & done", hours: "1", reason: "x", form: "f", cloneName: "x" };
      if (form === "delete") {
        // Again has the same answer.
        await desk.send(id, form, fields);
      } else {
        expect(await desk.refused(id, form, fields, 409)).toContain("The instance is deleted.");
      }
    }
    expect((await desk.visitor.get(`${path}/url`)).status).toBe(404);
    const csv = await (await desk.visitor.get(`${path}/usage.csv`)).text();
    expect(csv).toContain("day,instanceId,runningSeconds");
  });
});
