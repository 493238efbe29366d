import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createFlyProvider } from "../../src/providers/fly/provider.ts";
import type { Step, Target } from "../../src/providers/provider.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { describeProvider } from "./contract.ts";
import { DOWN, drive, driveAll, run, UP } from "./drive.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

describeProvider("fly", () => cloud);

describe("fly alone", () => {
  it("gives a public machine addresses, and a private one none", async () => {
    const ips = async (place: string | undefined) =>
      (await cloud.api("GET", `/v1/apps/${place}/ip_assignments`)).body as { ips: { ip: string }[] };
    const open = cloud.newTarget();
    await driveAll(cloud, ["place", "address", "address"], open);
    expect((await ips(open.refs.place)).ips.length).toBe(2);
    const closed = cloud.newTarget({ exposure: "private" });
    await driveAll(cloud, ["place", "address"], closed);
    expect((await ips(closed.refs.place)).ips).toEqual([]);
  });

  it("keeps the bodies of one account in an app of the account's own, apart from any other account's", async () => {
    const body = (accountId: string) => cloud.newTarget({ accountId, exposure: "private" });
    const [one, two, other] = [body("acc_one"), body("acc_one"), body("acc_other")];
    const steps: Step[] = ["place", "address", "volume", "machine", "boot", "ready"];
    await Promise.all([one, two, other].map((target) => driveAll(cloud, steps, target)));
    const names = ["gentity-bodies-acc-one", "gentity-bodies-acc-one", "gentity-bodies-acc-other"];
    expect([one, two, other].map(({ refs }) => refs.place)).toEqual(names);
    for (const name of new Set(names)) {
      expect((await cloud.api("GET", `/v1/apps/${name}`)).body).toMatchObject({ network: name });
      expect((await cloud.api("GET", `/v1/apps/${name}/ip_assignments`)).body).toEqual({ ips: [] });
    }
    expect(new Set([one, two, other].map(({ refs }) => refs.machine)).size).toBe(3);

    // What is known by name alone is found again, each its own.
    for (const target of [one, two]) {
      const { refs } = target;
      target.refs = {};
      await driveAll(cloud, steps, target);
      expect(target.refs).toEqual(refs);
    }
    const listed = async (target: Target) => {
      const list = await cloud.provider.list();
      return list.type === "ok" && list.value.filter(({ instanceId }) => instanceId === target.instanceId);
    };
    expect(await listed(one)).toMatchObject([{ refs: one.refs, observed: { machine: "started" } }]);

    // The end of one is not the end of its neighbour.
    await driveAll(cloud, DOWN, one);
    expect(await listed(one)).toEqual([]);
    expect(await listed(two)).toMatchObject([{ refs: two.refs, observed: { machine: "started" } }]);
    await driveAll(cloud, DOWN, two);
    expect(await listed(two)).toEqual([]);
    await driveAll(cloud, DOWN, other);
  });

  it("removes what a creation made of a body after its deletion had looked", async () => {
    const target = cloud.newTarget({ accountId: "acc_late", exposure: "private" });
    await driveAll(cloud, ["place", "unmachine", "unvolume", "unplace"], target);
    await driveAll(cloud, ["volume", "machine"], target);
    expect(await run(cloud, "gone", target)).toMatchObject({ type: "pending" });
    await driveAll(cloud, ["gone"], target);
    const left = await cloud.api("GET", "/v1/apps/gentity-bodies-acc-late/machines");
    expect((left.body as { state: string }[]).filter(({ state }) => state !== "destroyed")).toEqual([]);
  });

  it.each(["public", "private"] as const)(
    "lesson 6: removes the volume of a %s machine that was made after the deletion had looked for one",
    async (exposure) => {
      const target = cloud.newTarget({ exposure });
      await driveAll(cloud, ["place", "volume", "unmachine"], target);
      const { volume } = target.refs;
      await driveAll(cloud, ["machine"], target);
      target.refs = { place: target.refs.place, volume };
      await driveAll(cloud, ["unvolume", "unplace", "gone"], target);
    },
  );

  it("lists a body's volume that a half-finished removal left behind", async () => {
    const target = cloud.newTarget({ accountId: "acc_left", exposure: "private" });
    await driveAll(cloud, ["place", "volume", "machine", "unmachine"], target);
    const list = await cloud.provider.list();
    const left = list.type === "ok" && list.value.find(({ instanceId }) => instanceId === target.instanceId);
    expect(left).toMatchObject({ refs: { volume: target.refs.volume }, observed: { machine: "absent" } });
    await driveAll(cloud, DOWN, target);
  });

  it("asks Fly whether it suspends a body of any size, and takes its refusal", async () => {
    const spec = { cpuKind: "performance" as const, cpus: 2, volumeGb: 1 };
    const body = cloud.newTarget({ exposure: "private", spec: { ...spec, memoryMb: 4096 } });
    const big = cloud.newTarget({ exposure: "private", spec: { ...spec, memoryMb: 8192 } });
    for (const target of [body, big]) await driveAll(cloud, ["place", "volume", "machine", "boot"], target);
    expect(await drive(cloud, "suspend", body)).toMatchObject({
      value: { observed: { machine: "suspended" } },
    });
    expect(await run(cloud, "suspend", big)).toMatchObject({ type: "rejected", code: "unsupported" });
    for (const target of [body, big]) await driveAll(cloud, DOWN, target);
  });

  it("puts every instance on a network of its own, encrypted, and tags it", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place", "volume", "machine"], target);
    const app = await cloud.api("GET", `/v1/apps/${target.refs.place}`);
    expect(app.body).toMatchObject({
      network: `gentity-${target.instanceId}`,
      organization: { slug: "acme" },
    });
    const machine = await cloud.api("GET", `/v1/apps/${target.refs.place}/machines/${target.refs.machine}`);
    expect(machine.body).toMatchObject({
      config: {
        metadata: { gentity_instance: target.instanceId, gentity_account: "acc1", gentity_managed: "true" },
      },
    });
    const volume = await cloud.api("GET", `/v1/apps/${target.refs.place}/volumes/${target.refs.volume}`);
    expect(volume.body).toMatchObject({ encrypted: true, attached_machine_id: target.refs.machine });
  });

  it("does not adopt an app of ours that is on another network", async () => {
    const target = cloud.newTarget();
    await cloud.api("POST", "/v1/apps", {
      name: `gentity-${target.instanceId}`,
      org_slug: "acme",
      network: "shared",
    });
    expect(await run(cloud, "place", target)).toMatchObject({
      code: "name_taken",
      message: expect.stringContaining("network"),
    });
  });

  it("does not adopt or destroy a machine with our name and not our tag", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place", "volume"], target);
    const name = `gentity-${target.instanceId}`;
    await cloud.api("POST", `/v1/apps/${name}/machines`, {
      name,
      region: "iad",
      config: {
        image: "debian:12",
        init: { exec: ["sleep", "infinity"] },
        guest: { cpu_kind: "shared", cpus: 1, memory_mb: 256 },
      },
    });
    expect(await run(cloud, "machine", target, cloud.recipe())).toMatchObject({ code: "name_taken" });
    expect(await run(cloud, "unmachine", target)).toMatchObject({ code: "name_taken" });
  });

  it("adopts the machine that an earlier call made, when only its name says so", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place", "volume", "machine"], target);
    const { machine } = target.refs;
    target.refs.machine = undefined;
    // The list lags behind: it shows nothing, the name is taken all the same.
    const match = { method: "GET", path: `/v1/apps/${target.refs.place}/machines`, count: 1 };
    await cloud.api("POST", "/_control/faults", { kind: "error_before", status: 404, match });
    await driveAll(cloud, ["unplace"], cloud.newTarget());
    await cloud.calm();
    await driveAll(cloud, ["machine"], target);
    expect(target.refs.machine).toBe(machine);
  });

  it("takes 412 at a start for a retry with the vendor's reason (lesson 11)", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, [...UP, "stop"], target);
    const error = "failed_precondition: unable to start machine from current state: 'replacing'";
    const match = { method: "POST", path: "^.*/start$", count: 1 };
    await cloud.api("POST", "/_control/faults", {
      kind: "error_before",
      status: 412,
      match,
      body: { error },
    });
    const outcome = await run(cloud, "start", target);
    expect(outcome).toMatchObject({ type: "retry", cause: expect.stringContaining("'replacing'") });
  });

  it("keeps apart two deployments in one organization", async () => {
    const staging = createFlyProvider({ ...cloud.config, prefix: "gentity-staging" });
    const target = cloud.newTarget();
    const placed = await staging.run("place", target, { holdMs: 1_000 });
    expect(placed).toMatchObject({ value: { refs: { place: `gentity-staging-${target.instanceId}` } } });
    const [ours, theirs] = await Promise.all([cloud.provider.list(), staging.list()]);
    const has = (list: typeof ours) =>
      list.type === "ok" && list.value.some(({ instanceId }) => instanceId.includes(target.instanceId));
    expect([has(ours), has(theirs)]).toEqual([false, true]);
  });

  it("does not believe a list with a region missing (lesson 9)", async () => {
    const partial = createFlyProvider({
      ...cloud.config,
      fetch: async (input, init) => {
        const response = await fetch(input as string, init as RequestInit);
        if (!String(input).includes("/orgs/")) return response as never;
        const body = (await response.json()) as object;
        return Response.json({ ...body, error_regions: ["fra"] }) as never;
      },
    });
    const target = cloud.newTarget();
    expect(await partial.run("gone", target, { holdMs: 0 })).toMatchObject({ type: "retry", cause: /fra/ });
    await driveAll(cloud, DOWN, target);
  });

  it("reads logs from where it left off", async () => {
    const target = cloud.newTarget();
    const recipe = cloud.recipe({ command: ["echo first; read line; exec sleep infinity"] });
    await driveAll(cloud, ["place", "volume", "machine", "boot"], target, recipe);
    let cursor: string | undefined;
    const lines: string[] = [];
    for (let page = 0; page < 50 && !lines.includes("first"); page++) {
      const outcome = await cloud.provider.logs(target, { cursor });
      if (outcome.type !== "ok") throw new Error(JSON.stringify(outcome));
      for (const line of outcome.value.lines) lines.push(line.message);
      cursor = outcome.value.cursor;
    }
    expect(lines.filter((line) => line === "first")).toEqual(["first"]);
  });
});
