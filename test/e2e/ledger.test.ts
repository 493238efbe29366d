/** Two accounts and one machine: who had it when, what it cost whom, and that neither can be rewritten. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Home, makeHome, type RunResult, runCli } from "../../src/cli/testing/run-cli.ts";
import type { AuditEvent, Period, UsageVerification } from "../../src/sdk/index.ts";
import { Stack, until } from "./stack.ts";

const SOURCE_KEY = "sk-of-the-source";
const RECEIVER_KEY = "sk-of-the-receiver";

let stack: Stack;
let ada: { id: string; token: string; home: Home };
let id: string;
let subdomain: string;

/** The command line as the second account has it. */
function asAda(...args: string[]): Promise<RunResult> {
  const env = { GENTITY_API_URL: stack.local.apiUrl, GENTITY_TOKEN: ada.token };
  return runCli(args, { home: ada.home, env });
}

async function adaRuns(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await asAda(...args);
  if (code !== 0) throw new Error(`gentity ${args.join(" ")}: ${code}\n${stderr}`);
  return stdout;
}

async function periodsOf(run: (...args: string[]) => Promise<string>): Promise<Period[]> {
  const newestFirst = JSON.parse(await run("compute", "periods", id, "--json")) as Period[];
  return newestFirst.reverse();
}

const mine = (...args: string[]) => stack.run(args);
const variable = async (name: string) =>
  (await adaRuns("compute", "exec", id, "--", "sh", "-c", `printf %s "$${name}"`)).trim();

/** What a computer that was off has missed is made up for at the start: usage and signing too. */
async function restart(): Promise<void> {
  const { state, port } = stack;
  await stack.stop();
  stack = await Stack.start({ state, port });
}

beforeAll(async () => {
  stack = await Stack.start();
  const made = JSON.parse(
    await stack.run(["admin", "accounts", "create", "ada@example.com", "--name", "Ada", "--json"]),
  );
  ada = { id: made.account.id, token: made.token, home: makeHome() };
  ({ id, subdomain } = await stack.create({ apiKey: SOURCE_KEY, labels: { team: "red" } }));
  await stack.exec(id, "echo kept > /workspace/note.txt");
});
afterAll(async () => {
  ada?.home.remove();
  await stack?.close();
});

describe("an instance that is handed over while it runs", () => {
  let before: Period[];

  it("is another account's row until then: no row", async () => {
    expect((await asAda("compute", "get", id)).stderr).toContain("no instance");
    before = await periodsOf(mine);
  });

  it("is offered, seen by the receiver, and taken with a key of their own", async () => {
    const offer = (await mine("compute", "transfer", id, "--to", "ada@example.com")).trim();
    expect(await adaRuns("transfers", "list")).toContain(offer);
    expect((await adaRuns("transfers", "accept", offer, "--api-key", RECEIVER_KEY)).trim()).toBe(id);
    await until("it to run at its new owner's", async () => {
      const found = JSON.parse(await adaRuns("compute", "get", id, "--json"));
      return found.status === "running" && found;
    });
  });

  it("is the receiver's with its files, their key, no labels and a new address", async () => {
    const found = JSON.parse(await adaRuns("compute", "get", id, "--json"));
    expect(found.labels).toEqual({});
    expect(found.subdomain).not.toBe(subdomain);
    expect(await adaRuns("compute", "exec", id, "--", "cat", "/workspace/note.txt")).toBe("kept\n");
    expect(await variable("OPENAI_API_KEY")).toBe(RECEIVER_KEY);
    expect((await stack.visit(found.subdomain)).status).toBe(200);
    await until("the old address to be dead", async () => (await stack.visit(subdomain)).status === 404);
  });

  it("is no row any more for who gave it away", async () => {
    const { code, stderr } = await stack.cli(["compute", "exec", id, "--", "true"]);
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining("no instance")]);
    expect(code).not.toBe(0);
  });

  it("has one instant at which one account's periods end and the other's begin", async () => {
    const theirs = await periodsOf((...args) => adaRuns(...args));
    const ours = (await stack.api("GET", `/api/usage/periods?instance=${id}`)).body.periods as Period[];
    const ended = Math.max(...ours.map(({ endedAt }) => Date.parse(endedAt ?? "")));
    expect(before.length).toBeGreaterThan(0);
    expect(Date.parse(theirs[0]?.startedAt ?? "")).toBe(ended);
    for (const [index, period] of theirs.slice(1).entries()) {
      expect(period.startedAt).toBe(theirs[index]?.endedAt);
    }
  });

  it("stands on both sides' audit", async () => {
    const actions = (text: string) => (JSON.parse(text) as AuditEvent[]).map(({ action }) => action);
    const given = actions(await mine("audit", "--json"));
    const taken = actions(await adaRuns("audit", "--json"));
    expect(given).toContain("transfer.accept");
    expect(taken).toContain("transfer.accept");
    expect(taken).not.toContain("instance.create");
  });
});

describe("a clone", () => {
  it("has the data, its own address and key, and leaves its source alone", async () => {
    const source = JSON.parse(await adaRuns("compute", "get", id, "--json"));
    const clone = JSON.parse(await adaRuns("compute", "clone", id, "--copy-data", "--name", "two", "--json"));
    expect(clone.id).not.toBe(id);
    expect(clone.subdomain).not.toBe(source.subdomain);
    expect(await adaRuns("compute", "exec", clone.id, "--", "cat", "/workspace/note.txt")).toBe("kept\n");
    expect(JSON.parse(await adaRuns("compute", "get", id, "--json"))).toMatchObject({
      subdomain: source.subdomain,
      status: "running",
      generation: source.generation,
    });
    await adaRuns("compute", "delete", clone.id, "--yes");
  });
});

describe("an address that leaked", () => {
  it("is replaced in one command, and is dead within ten seconds", async () => {
    const { subdomain: leaked } = JSON.parse(await adaRuns("compute", "get", id, "--json"));
    expect((await stack.visit(leaked)).status).toBe(200);
    const url = new URL((await adaRuns("compute", "rotate-url", id)).trim());
    const fresh = url.hostname.split(".")[0] ?? "";
    await until(
      "the leaked address to be dead",
      async () => (await stack.visit(leaked)).status === 404,
      10_000,
    );
    expect((await stack.visit(fresh)).status).toBe(200);
  });
});

describe("after the books were closed", () => {
  beforeAll(restart);

  it.each(["the source", "the receiver"])(
    "%s's usage is recomputed from its periods, to the millisecond",
    async (who) => {
      const run = who === "the source" ? mine : adaRuns;
      const result = await until("usage to be counted", async () => {
        const answer = JSON.parse(await run("usage", "--verify", "--json")) as UsageVerification;
        return answer.checks.some(({ instanceId }) => instanceId === id) && answer;
      });
      expect(result.ok).toBe(true);
      const row = result.checks.find(({ instanceId }) => instanceId === id);
      expect(row?.recorded).toEqual(row?.recomputed);
      expect(row?.recorded.runningMs).toBeGreaterThan(0);
    },
  );

  it("both sides' chains are as they were written, and signed", async () => {
    for (const run of [mine, adaRuns]) {
      const report = await until("heads to be signed", async () => {
        const text = await run("audit", "verify").catch(() => "");
        return text.includes("signed up to event") && text;
      });
      expect(report).not.toContain("✗");
    }
  });
});
