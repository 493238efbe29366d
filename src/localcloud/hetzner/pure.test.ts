import { describe, it } from "vitest";
import { checkLabels, selector } from "./labels.ts";
import { rateLimit } from "./routes/rate-limit.ts";
import { mapArgument, mapProgram } from "./server/paths.ts";
import { parseUnit } from "./server/unit-file.ts";

describe("a label selector", () => {
  const labels = { kind: "agent", env: "", "gentity.ai/id": "cmp1" };
  it.for<[string, boolean]>([
    ["", true],
    ["kind", true],
    ["!kind", false],
    ["missing", false],
    ["!missing", true],
    ["kind=agent", true],
    ["kind==agent", true],
    ["kind!=agent", false],
    ["missing!=agent", true],
    ["env=", true],
    ["kind in (body, agent)", true],
    ["kind notin (body,agent)", false],
    ["missing notin (agent)", true],
    ["gentity.ai/id=cmp1,kind in (agent),!missing", true],
    ["gentity.ai/id=cmp1,kind=body", false],
  ])("%s", ([text, fits], { expect }) => {
    expect(selector(text)(labels)).toBe(fits);
  });

  it("is refused when it makes no sense, as are labels that the vendor does not take", ({ expect }) => {
    expect(() => selector("kind in agent")).toThrow("label_selector");
    expect(() => checkLabels({ "-a": "b" })).toThrow("labels");
    expect(() => checkLabels({ a: "b".repeat(64) })).toThrow("labels");
    expect(checkLabels({ "gentity.ai/a": "B_c.d-e", empty: "" })).toBeDefined();
  });
});

describe("a server's paths", () => {
  it.for([
    ["/var/lib/x", "/r/var/lib/x"],
    ["--config=/etc/x", "--config=/r/etc/x"],
    ["/../../etc", "/r/etc"],
    ["/r/already", "/r/already"],
    ["plain", "plain"],
    ["https://host/path", "https://host/path"],
    ["a=b", "a=b"],
  ])("%s is %s on this computer", ([word = "", mapped], { expect }) => {
    expect(mapArgument("/r", word)).toBe(mapped);
  });

  it("has programs of the system by their name", ({ expect }) => {
    expect(mapProgram("/no-such-root", "/usr/bin/node")).toBe("node");
  });
});

describe("a unit file", () => {
  it("says what to run, with what, and how often", ({ expect }) => {
    const spec = parseUnit(`[Unit]
Description=Restart=no
# Restart=never
[Service]
ExecStartPre=-/bin/false
ExecStart=/bin/old
ExecStart=
ExecStart=@/usr/bin/node "/opt/a b.mjs" \\
  --flag
Environment="A=1 2" B=3
EnvironmentFile=-/etc/default/x
Restart=on-failure
RestartSec=500ms
TimeoutStopSec=1min
KillMode=process
[Install]
WantedBy=multi-user.target
`);
    expect(spec).toMatchObject({
      startBefore: [{ argv: ["/bin/false"], mayFail: true }],
      argv: ["/usr/bin/node", "/opt/a b.mjs", "--flag"],
      environment: { A: "1 2", B: "3" },
      environmentFiles: [{ path: "/etc/default/x", mayBeMissing: true }],
      restart: "on-failure",
      restartMs: 500,
      stopMs: 60_000,
      killsMainOnly: true,
      wantedBy: ["multi-user.target"],
    });
  });
});

describe("the rate limit", () => {
  it("refuses who has used it up, and lets in again what has come back", async ({ expect }) => {
    let now = 1_000_000;
    const limit = rateLimit({ limit: 2, refuses: true, now: () => now });
    const headers = new Map<string, string>();
    const context = {
      header: (name: string, value: string) => headers.set(name, value),
      res: { status: 200 },
    };
    // Only what the middleware touches of a request's context.
    const ask = () => limit(context as never, async () => {});
    await ask();
    await ask();
    expect(headers.get("RateLimit-Remaining")).toBe("0");
    await expect(ask()).rejects.toThrow("rate limit exceeded");
    expect(headers.get("RateLimit-Reset")).toBe(String(1000 + 3600));
    now += 1_800_000;
    await ask();
  });
});
