import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deriveEnrolmentSecret } from "../../src/providers/hetzner/derive.ts";
import { describeProvider } from "./contract.ts";
import { DOWN, drive, driveAll, run, stateOf, UP } from "./drive.ts";
import { BASE_DOMAIN, type HetznerTestCloud, startHetznerTestCloud } from "./hetzner-cloud.ts";

let cloud: HetznerTestCloud;
beforeAll(async () => {
  cloud = await startHetznerTestCloud();
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

describeProvider("hetzner", () => cloud);

interface Sent {
  method: string;
  url: URL;
  /** Differs from call to call. */
  body: any;
}

/** The same vendors, with every call of the provider written down and, where asked, its answer changed. */
function watched(change?: (sent: Sent, answer: Response) => Promise<Response | undefined>) {
  const sent: Sent[] = [];
  const watching: typeof fetch = async (input, init) => {
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    const call = { method: init?.method ?? "GET", url: new URL(String(input)), body };
    sent.push(call);
    const answer = await fetch(input as string, init as RequestInit);
    return ((await change?.(call, answer as Response)) ?? answer) as never;
  };
  return { sent, subject: { ...cloud, provider: cloud.provide({ fetch: watching }) } };
}

describe("what is made at Hetzner", () => {
  it("is labelled, lets nothing in, and is told no secret but the one-time one", async () => {
    const { sent, subject } = watched();
    const target = cloud.newTarget();
    const recipe = cloud.recipe({ id: "rcp_1", env: { KEY: "sk-very-secret-value" }, port: 8080 });
    await driveAll(subject, ["place", "address", "volume", "machine"], target, recipe);
    const labels = {
      gentity_managed: "true",
      gentity_instance: target.instanceId,
      gentity_account: target.accountId,
    };
    const made = (path: string) =>
      sent.find(({ method, url }) => method === "POST" && url.pathname.endsWith(path))?.body;
    expect(made("/firewalls")).toMatchObject({ labels, rules: [] });
    expect(made("/volumes")).toMatchObject({ labels, size: 10, format: "ext4", location: "nbg1" });
    const server = made("/servers");
    expect(server).toMatchObject({ labels, name: `gentity-${target.instanceId}`, server_type: "cx23" });
    expect(server.firewalls).toEqual([{ firewall: Number(target.refs.firewall) }]);
    expect(server.volumes).toEqual([Number(target.refs.volume)]);
    expect(server.user_data).toContain(
      await deriveEnrolmentSecret(cloud.config.hostSecret, target.instanceId),
    );
    expect(JSON.stringify(sent)).not.toContain("sk-very-secret-value");
    for (const secret of [cloud.config.hostSecret, made("/cfd_tunnel").tunnel_secret, cloud.config.token]) {
      expect(server.user_data).not.toContain(secret);
    }
    await driveAll(subject, DOWN, target, recipe);
  });

  it("has no way in but its tunnel, under a name nobody can guess", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place"], target, cloud.servingRecipe());
    expect(target.refs.place).toMatch(new RegExp(`^o-[a-z2-7]{26}\\.${BASE_DOMAIN}$`));
    expect(target.refs.place).not.toContain(target.instanceId);
    const path = `/accounts/${"a".repeat(32)}/cfd_tunnel/${target.refs.tunnel}/configurations`;
    const { body } = (await cloud.cloudflare("GET", path)) as { body: { result: { config: object } } };
    expect(body.result.config).toMatchObject({
      ingress: [
        { hostname: target.refs.place, service: "http://localhost:8080" },
        { service: "http_status:404" },
      ],
    });
  });

  it("has neither tunnel nor name for a private machine, which answers exec all the same", async () => {
    const target = cloud.newTarget({ exposure: "private" });
    await driveAll(cloud, UP, target);
    expect(target.refs).toEqual({
      machine: expect.any(String),
      volume: expect.any(String),
      firewall: expect.any(String),
    });
    const ran = await cloud.provider.exec(target, {
      command: ["sh", "-c", "cat; echo err >&2; exit 7"],
      stdin: "in",
      timeoutSeconds: 10,
    });
    expect(ran).toMatchObject({ type: "ok", value: { exitCode: 7, stdout: "in", stderr: "err\n" } });
    await driveAll(cloud, DOWN, target);
  });

  it("closes a firewall of ours that somebody opened", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["address"], target);
    const path = `/firewalls/${target.refs.firewall}`;
    const rule = { direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0"] };
    await cloud.api("POST", `${path}/actions/set_rules`, { rules: [rule] });
    await driveAll(cloud, ["address"], target);
    expect((await cloud.api("GET", path)).body).toMatchObject({ firewall: { rules: [] } });
  });

  it("is asked about all at once while it is being made", async () => {
    const { sent, subject } = watched();
    const target = cloud.newTarget();
    await driveAll(subject, ["place", "address", "volume", "machine", "boot"], target);
    const polls = sent.filter(({ url }) => url.pathname.endsWith("/v1/actions"));
    expect(polls.length).toBeGreaterThan(0);
    expect(sent.filter(({ url }) => /\/actions\/\d+$/.test(url.pathname))).toEqual([]);
    expect(Math.max(...polls.map(({ url }) => url.searchParams.getAll("id").length))).toBeGreaterThan(1);
    await driveAll(cloud, DOWN, target);
  });
});

describe("room and limits", () => {
  /** What the vendor says it has in stock. */
  const stock = (isThere: (type: string, location: string) => boolean) =>
    watched(async ({ url }, answer) => {
      if (!url.pathname.endsWith("/server_types")) return undefined;
      const body = (await answer.json()) as {
        server_types: { name: string; locations: { name: string; available: boolean }[] }[];
      };
      for (const { name, locations } of body.server_types) {
        for (const place of locations) place.available = isThere(name, place.name);
      }
      return Response.json(body);
    });

  it("goes to the next location of the zone, with disk and server, when the wanted one is sold out", async () => {
    const { sent, subject } = stock((type, location) => type === "cx23" && location === "hel1");
    const target = cloud.newTarget({ region: "nbg1" });
    await driveAll(subject, ["place", "address", "volume", "machine"], target);
    const where = sent.flatMap(({ body }) => (body?.location === undefined ? [] : [body.location]));
    expect(where).toEqual(["hel1", "hel1"]);
    await driveAll(cloud, DOWN, target);
  });

  it("takes the next size where the cheapest is sold out everywhere, and says so when all are", async () => {
    const { sent, subject } = stock((type) => type === "cpx22");
    const target = cloud.newTarget();
    await driveAll(subject, ["place", "address", "volume", "machine"], target);
    expect(sent.flatMap(({ body }) => body?.server_type ?? [])).toEqual(["cpx22"]);
    const none = stock(() => false);
    const other = cloud.newTarget();
    expect(await run(none.subject, "volume", other)).toMatchObject({
      type: "rejected",
      code: "no_capacity",
      message: expect.stringContaining("nbg1"),
    });
    await driveAll(cloud, DOWN, target);
  });

  it("takes the next size when the first turns out to be gone after all", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place", "address", "volume"], target);
    await cloud.order({ kind: "capacity", at: "machine" });
    await driveAll(cloud, ["machine"], target);
    const { body } = await cloud.api("GET", `/servers/${target.refs.machine}`);
    expect(body).toMatchObject({ server: { server_type: { name: "cx33" } } });
    await driveAll(cloud, DOWN, target);
  });

  it("tells a limit of the project from a lack of room", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place", "address", "volume"], target);
    const match = { method: "POST", path: "^.*/servers$", count: 1 };
    await cloud.fault("hetzner", { kind: "capacity", status: 403, match });
    expect(await drive(cloud, "machine", target)).toMatchObject({
      type: "rejected",
      code: "quota",
      message: expect.stringContaining("server_limit"),
      hint: expect.stringContaining("limit"),
    });
  });

  it.each([
    [423, "locked"],
    [409, "conflict"],
  ])("tries again after %i %s, and says why", async (status, code) => {
    const target = cloud.newTarget();
    await driveAll(cloud, ["place", "address", "volume"], target);
    const body = { error: { code, message: "something is under way", details: null } };
    const match = { method: "POST", path: "^.*/servers$", count: 1 };
    await cloud.fault("hetzner", { kind: "error_before", status, body, match });
    expect(await run(cloud, "machine", target, cloud.recipe())).toMatchObject({
      type: "retry",
      cause: expect.stringContaining(code),
    });
    await driveAll(cloud, ["machine"], target);
    await driveAll(cloud, DOWN, target);
  });

  it("stops asking when the project's requests are spent, until there are some again", async () => {
    let clock = Date.now();
    const spent = { limit: "3600", remaining: "0", reset: String(Math.ceil(clock / 1000) + 3_600) };
    const sent: string[] = [];
    const provider = cloud.provide({
      // A bucket of its own: others go on.
      apiUrl: `${cloud.config.apiUrl}/`.replace("127.0.0.1", "localhost"),
      now: () => clock,
      fetch: async (input, init) => {
        if (new URL(String(input)).pathname.startsWith("/v1/")) sent.push(String(input));
        const answer = await fetch(input as string, init as RequestInit);
        const headers = new Headers(answer.headers as never);
        for (const [name, value] of Object.entries(spent)) headers.set(`ratelimit-${name}`, value);
        return new Response(await answer.text(), { status: answer.status, headers }) as never;
      },
    });
    const target = cloud.newTarget();
    const look = () => provider.run("observe", target, { holdMs: 0 });
    expect(await look()).toMatchObject({ type: "ok" });
    expect(await look()).toMatchObject({ type: "retry", cause: expect.stringContaining("rate limit") });
    expect(sent.length).toBe(1);
    clock += 10_000;
    expect(await look()).toMatchObject({ type: "ok" });
    expect(sent.length).toBe(2);
  });
});

describe("power", () => {
  it("is cut when the system does not end by itself", async () => {
    const { sent, subject } = watched();
    const impatient = { ...subject, provider: cloud.provide({ shutdownGraceMs: 0 }) };
    const target = cloud.newTarget();
    await driveAll(subject, UP, target);
    await cloud.fault("hetzner", { kind: "stuck", match: { path: "^.*/actions/shutdown$", count: 1 } });
    await run(subject, "stop", target);
    expect(await stateOf(subject, target)).not.toBe("stopped");
    await driveAll(impatient, ["stop"], target);
    expect(await stateOf(subject, target)).toBe("stopped");
    expect(sent.filter(({ url }) => url.pathname.endsWith("/shutdown")).length).toBe(1);
    await driveAll(cloud, DOWN, target);
  });

  it("comes on only with the volume in its place", async () => {
    const target = cloud.newTarget();
    await driveAll(cloud, [...UP, "stop"], target);
    await cloud.api("POST", `/volumes/${target.refs.volume}/actions/detach`);
    await driveAll(cloud, ["start", "boot"], target);
    const { body } = await cloud.api("GET", `/servers/${target.refs.machine}`);
    expect(body).toMatchObject({ server: { volumes: [Number(target.refs.volume)], status: "running" } });
    await driveAll(cloud, DOWN, target);
  });

  it("finds another recipe at the next boot, and never the old one again", async () => {
    const target = cloud.newTarget({ exposure: "private" });
    const [before, after] = ["first", "second"].map((name) =>
      cloud.recipe({ id: name, env: { NAME: name } }),
    );
    await driveAll(cloud, UP, target, before);
    const name = async () => {
      const ran = await cloud.provider.exec(target, {
        command: ["sh", "-c", "echo $NAME"],
        timeoutSeconds: 10,
      });
      return ran.type === "ok" ? ran.value.stdout.trim() : ran;
    };
    expect(await name()).toBe("first");
    await driveAll(cloud, ["configure", "configure"], target, after);
    expect(await stateOf(cloud, target)).toBe("stopped");
    await driveAll(cloud, ["start", "boot"], target, after);
    expect(await name()).toBe("second");
    await driveAll(cloud, DOWN, target);
  });

  it("shows what the agent said", async () => {
    const target = cloud.newTarget({ exposure: "private" });
    await driveAll(
      cloud,
      UP,
      target,
      cloud.recipe({ command: ["echo hello from the agent; exec sleep infinity"] }),
    );
    const lines = async () => {
      const page = await cloud.provider.logs(target, {});
      return page.type === "ok" ? page.value.lines.map(({ message }) => message) : [];
    };
    await expect.poll(lines, { timeout: 20_000 }).toContain("hello from the agent");
    const page = await cloud.provider.logs(target, {});
    const origin = { instance: target.refs.machine, region: target.region };
    expect(page).toMatchObject({
      value: { lines: expect.arrayContaining([expect.objectContaining(origin)]) },
    });
    await driveAll(cloud, DOWN, target);
  });
});

describe("what is not ours, and what is", () => {
  const nobodys = (kind: "servers" | "volumes", name: string) =>
    kind === "servers"
      ? cloud.api("POST", "/servers", { name, server_type: "cx23", image: "debian-12", location: "nbg1" })
      : cloud.api("POST", "/volumes", { name, size: 10, location: "nbg1" });

  it.each([
    ["servers", "machine", "unmachine"],
    ["volumes", "volume", "unvolume"],
  ] as const)(
    "neither adopts nor deletes one of the %s with our name and not our labels",
    async (kind, make, remove) => {
      const target = cloud.newTarget({
        spec: { ...cloud.newTarget().spec, volumeGb: kind === "servers" ? 0 : 1 },
      });
      await nobodys(kind, `gentity-${target.instanceId}`);
      for (const step of [make, remove]) {
        expect(await run(cloud, step, target, cloud.recipe())).toMatchObject({ code: "name_taken" });
      }
      const list = (await cloud.api("GET", `/${kind}?name=gentity-${target.instanceId}`)).body;
      expect((list as Record<string, unknown[]>)[kind]?.length).toBe(1);
    },
  );

  it("cannot copy a volume, and says what can be done", async () => {
    const target = cloud.newTarget({ sourceVolume: "1" });
    expect(await run(cloud, "volume", target)).toMatchObject({
      type: "rejected",
      code: "unsupported",
      hint: expect.any(String),
    });
  });

  it("keeps apart two deployments in one project", async () => {
    const staging = { ...cloud, provider: cloud.provide({ prefix: "gentity-staging" }) };
    const target = cloud.newTarget();
    await driveAll(staging, ["place", "address", "volume"], target);
    const has = async ({ provider }: typeof cloud) => {
      const list = await provider.list();
      return list.type === "ok" && list.value.some(({ instanceId }) => instanceId === target.instanceId);
    };
    expect([await has(cloud), await has(staging)]).toEqual([false, true]);
    await driveAll(staging, DOWN, target);
  });

  it("is listed page by page, and a list without a page is none (lesson 9)", async () => {
    const targets = Array.from({ length: 51 }, () => cloud.newTarget());
    for (const target of targets) await driveAll(cloud, ["address"], target);
    const list = await cloud.provider.list();
    const ids = list.type === "ok" ? list.value.map(({ instanceId }) => instanceId) : [];
    expect(ids).toEqual(expect.arrayContaining(targets.map(({ instanceId }) => instanceId)));
    const torn = watched(async ({ url }) =>
      url.searchParams.get("page") === "2" ? new Response("", { status: 502 }) : undefined,
    );
    expect(await torn.subject.provider.list()).toMatchObject({ type: "retry" });
  });
});
