import { readFileSync } from "node:fs";
import { spawn } from "@lydell/node-pty";
import { afterEach, expect, test } from "vitest";
import {
  change,
  ID,
  instance,
  openStream,
  type Routes,
  type Scene,
  sendJson,
  startScene,
  streaming,
} from "./testing/fake-api.ts";
import { environment, MAIN, TOKEN } from "./testing/run-cli.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

/** Runs the command in a real terminal; types each answer when its question is on the screen. */
async function inTerminal(
  args: readonly string[],
  options: {
    routes?: Routes;
    env?: Record<string, string>;
    answers?: readonly [question: RegExp, keys: string][];
  },
) {
  const opened = await startScene(options.routes);
  scene = opened;
  const env = { GENTITY_API_URL: opened.api.url, GENTITY_TOKEN: TOKEN, TERM: "xterm", ...options.env };
  const pty = spawn(process.execPath, [MAIN, ...args], {
    cols: 70,
    rows: 20,
    env: environment(opened.home, env),
  });
  const answers = [...(options.answers ?? [])];
  let screen = "";
  pty.onData((data) => {
    screen += data;
    if (!answers[0]?.[0].test(screen)) return;
    pty.write(answers.shift()?.[1] ?? "");
  });
  const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => pty.onExit(resolve));
  return { exitCode, screen, home: opened.home, api: opened.api };
}

test("a token that is typed is not shown", async () => {
  const { exitCode, screen, home } = await inTerminal(["login"], {
    env: { GENTITY_TOKEN: "" },
    answers: [[/Token \(hidden\): /, `${TOKEN}\r`]],
  });
  expect(exitCode).toBe(0);
  expect(screen).not.toContain(TOKEN.slice(8));
  expect(JSON.parse(readFileSync(home.configPath, "utf8")).token).toBe(TOKEN);
});

test("Ctrl-C at a question cancels with 130", async () => {
  const { exitCode } = await inTerminal(["login"], {
    env: { GENTITY_TOKEN: "" },
    answers: [[/Token \(hidden\): /, "\x03"]],
  });
  expect(exitCode).toBe(130);
});

test("delete asks for the full id", async () => {
  const routes: Routes = {
    [`DELETE /api/instances/${ID}`]: (_request, response) => sendJson(response, 200, { ok: true }),
    [`GET /api/instances/${ID}/watch`]: streaming(["status", change("deleted")], ["end", {}]),
  };
  const { exitCode, screen } = await inTerminal(["compute", "delete", "scout"], {
    routes,
    answers: [[/to go on: /, `${ID}\r`]],
  });
  expect(exitCode).toBe(0);
  expect(screen).toContain("Deleted scout");
});

const CREATE = ["compute", "create", "--agent", "aider", "--model", "claude-haiku-4-5", "--api-key", "k"];
const CREATED: Routes = {
  "POST /api/instances": (_request, response) =>
    sendJson(response, 202, { id: ID, subdomain: "ai-1", status: "creating", url: "http://x/" }),
  [`GET /api/instances/${ID}/watch`]: (_request, response) => {
    const send = openStream(response);
    send("status", change("creating", { reason: "machine booting" }));
    setTimeout(() => send("status", change("running")), 300);
  },
};

test("a terminal gets a spinner that clears up after itself, and colours", async () => {
  const { exitCode, screen } = await inTerminal(CREATE, { routes: CREATED });
  expect(exitCode).toBe(0);
  expect(screen).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
  expect(screen).toContain("creating, machine booting");
  expect(screen).toContain("\x1b[32m●\x1b[39m running");
});

test("NO_COLOR gets neither", async () => {
  const { exitCode, screen } = await inTerminal(CREATE, { routes: CREATED, env: { NO_COLOR: "1" } });
  expect(exitCode).toBe(0);
  expect(screen).not.toContain("\x1b[");
  expect(screen).toContain("● running");
});

test("a table keeps within the terminal's width", async () => {
  const { screen } = await inTerminal(["compute", "list"], {
    env: { NO_COLOR: "1" },
    routes: {
      "GET /api/instances": (_request, response) =>
        sendJson(response, 200, {
          instances: [
            instance({
              name: "a-name-that-goes-on-and-on",
              modelName: "a-model-of-some-length",
              url: "http://x/",
            }),
          ],
          nextCursor: null,
        }),
    },
  });
  const lines = screen.trim().split("\r\n");
  expect(lines.map((line) => line.length)).toEqual(lines.map((line) => Math.min(line.length, 70)));
  expect(lines[1]).toContain("…");
  expect(lines[1]).toContain("http://x/");
});
