import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { FACTS_VARIABLE } from "./options.ts";
import type { FromTab, ToTab } from "./protocol.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const FACTS = { title: "Aider", release: "0.86.2", runs: "A built-in page, not Aider.", real: false };

let page: ChildProcess;
let port: number;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

beforeEach(async () => {
  port = await freePort();
  page = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "-w", "/", "sh"], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      PS1: "$ ",
      [FACTS_VARIABLE]: JSON.stringify({ ...FACTS, healthPath: "/_stcore/health" }),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of page.stdout ?? []) {
    if (String(line).includes("listening")) break;
  }
});

afterEach(() => {
  page.kill("SIGKILL");
});

const fetchPage = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);

/** One tab, as the page's own script would be. */
class TestTab {
  readonly got: ToTab[] = [];
  readonly socket: WebSocket;

  constructor(headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/terminal`, { headers });
    this.socket.on("message", (data) => this.got.push(JSON.parse(data.toString())));
  }

  static async open(cols = 80, rows = 24): Promise<TestTab> {
    const tab = new TestTab({ origin: `http://127.0.0.1:${port}` });
    await once(tab.socket, "open");
    tab.send({ type: "resize", cols, rows });
    return tab;
  }

  send(message: FromTab): void {
    this.socket.send(JSON.stringify(message));
  }

  type(line: string): void {
    this.send({ type: "input", data: `${line}\r` });
  }

  /** What is on the screen since it was last cleared. */
  get text(): string {
    const from = this.got.findLastIndex((message) => message.type === "reset");
    const shown = this.got.slice(from + 1);
    return shown.map((message) => (message.type === "output" ? message.data : "")).join("");
  }

  async sees(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.text, { timeout: 20_000 }).toMatch(text);
  }

  async close(): Promise<void> {
    const closed = once(this.socket, "close");
    this.socket.close();
    await closed;
  }
}

describe("over HTTP", () => {
  it("serves the page, its parts and its health, and nothing else", async () => {
    const home = await fetchPage("/");
    expect([home.status, home.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(home.headers.get("content-security-policy")).toContain("default-src 'none'");
    const markup = await home.text();
    const parts = [...markup.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    for (const path of [
      ...parts,
      "/assets/xterm.mjs",
      "/assets/addon-fit.mjs",
      "/healthz",
      "/_stcore/health",
    ]) {
      expect([path, (await fetchPage(path)).status]).toEqual([path, 200]);
    }
    for (const path of [
      "/nothing",
      "/assets/",
      "/assets/../main.ts",
      "/assets/%2e%2e/main.ts",
      "/terminal",
    ]) {
      expect([path, (await fetchPage(path)).status]).toEqual([path, 404]);
    }
    expect((await fetchPage("/", { method: "POST" })).status).toBe(405);
    expect(await (await fetchPage("/", { method: "HEAD" })).text()).toBe("");
  });

  it("does not send a part again that the browser has", async () => {
    const etag = (await fetchPage("/assets/xterm.mjs")).headers.get("etag") ?? "";
    const again = await fetchPage("/assets/xterm.mjs", { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
  });
});

describe("the terminal", () => {
  it("is a real one, with its size and its colours", async () => {
    const tab = await TestTab.open(97, 31);
    tab.type('stty size; test -t 0 && echo "is $TERM"');
    await tab.sees(/31 97\r\nis xterm-256color/);
    tab.send({ type: "resize", cols: 60, rows: 20 });
    tab.type("stty size");
    await tab.sees(/20 60\r\n/);
  });

  it("goes on when the tab is closed, and shows what came meanwhile", async () => {
    const first = await TestTab.open();
    first.type("echo $((40+2)); mark=kept; (sleep 0.3; echo la''ter) &");
    await first.sees("42\r\n");
    await first.close();
    const second = await TestTab.open();
    await second.sees("42\r\n");
    await second.sees("later");
    second.type('echo "<$mark>"');
    await second.sees("<kept>");
  });

  it("is shared by all tabs", async () => {
    const [one, other] = [await TestTab.open(100, 40), await TestTab.open(70, 50)];
    one.type("echo sha''red; stty size");
    await one.sees(/shared\r\n40 70\r\n/);
    await other.sees(/shared\r\n40 70\r\n/);
  });

  it("keeps letters whole", async () => {
    const tab = await TestTab.open();
    tab.type("printf '%s' 'grüße 漢字 🙂' | tr -d x; echo");
    // Once as it was typed, once as it was printed.
    await tab.sees(/grüße 漢字 🙂.*grüße 漢字 🙂/s);
  });

  it("says how it ended and runs again when asked", async () => {
    const tab = await TestTab.open();
    tab.type("exit 7");
    await expect
      .poll(() => tab.got, { timeout: 20_000 })
      .toContainEqual({ type: "exit", exitCode: 7, signal: 0 });
    tab.send({ type: "start" });
    tab.type("echo aga''in");
    await tab.sees("again");
  });

  it("does not hand the page's own variable on", async () => {
    const tab = await TestTab.open();
    tab.type(`echo "[\${${FACTS_VARIABLE}-unset}]"`);
    await tab.sees("[unset]");
  });

  it("waits for a tab that draws slowly, and loses nothing", async () => {
    const tab = await TestTab.open();
    tab.send({ type: "ack", chars: 0 });
    tab.type("seq 1 400000; echo do''ne");
    await expect.poll(() => tab.text.length, { timeout: 20_000 }).toBeGreaterThan(512 * 1024);
    let acknowledged = 0;
    await expect
      .poll(
        () => {
          const drawn = tab.text.length - acknowledged;
          acknowledged += drawn;
          tab.send({ type: "ack", chars: drawn });
          return /\ndone\r\n/.test(tab.text.slice(-200));
        },
        { timeout: 40_000 },
      )
      .toBe(true);
    // The first may stand behind the prompt, when it was typed before the shell was there.
    const numbers = [...tab.text.matchAll(/^(?:\$ )?(\d+)\r$/gm)].map(([, number]) => Number(number));
    expect(numbers.length).toBe(400_000);
    expect(numbers.every((number, index) => number === index + 1)).toBe(true);
  });

  it.each([
    ["another site", { origin: "https://evil.example" }],
    ["a sandboxed frame", { origin: "null" }],
    [
      "another site behind the edge",
      { origin: "https://evil.example", "x-forwarded-host": "cl-1.gentity.ai" },
    ],
  ])("is closed to %s", async (_, headers) => {
    const [error] = await once(new TestTab(headers).socket, "error");
    expect(String(error)).toContain("403");
  });

  it("is open to its public name behind the edge", async () => {
    const headers = { origin: "https://cl-1.gentity.ai", "x-forwarded-host": "cl-1.gentity.ai" };
    await once(new TestTab(headers).socket, "open");
  });
});
