/** An instance's terminal, log and commands, as a person uses them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findAgent } from "../../src/catalog/catalog.ts";
import { until } from "../e2e/stack.ts";
import { Dashboard, isBrowserInstalled, type Person, type Visit } from "./harness.ts";
import { expectCalm } from "./sound.ts";

/** Of the bundle with the terminal, gzipped; it is loaded when one is opened. */
const MAX_TERMINAL_BYTES = 100_000;

/** An agent that logs what is written into a pipe. */
const TELLER = `rm -f /tmp/say; mkfifo /tmp/say
(while :; do cat /tmp/say; done) &
exec node -e 'require("http").createServer((_, answer) => answer.end("ok")).listen(8501, "::")'`;

describe.runIf(isBrowserInstalled)("an instance's console", () => {
  let dashboard: Dashboard;
  let you: Person;
  let id: string;
  let visit: Visit;

  beforeAll(async () => {
    dashboard = await Dashboard.open();
    you = await dashboard.signIn("you@localhost");
    ({ id } = await dashboard.stack.create({ name: "docs-writer" }));
  });
  afterEach(() => visit?.leave());
  afterAll(() => dashboard?.close());

  const pathOf = (place: string) => `/dashboard/instances/${id}/${place}`;
  const statusOf = () => visit.page.locator("#terminal-status");
  const screenOf = () => visit.page.locator("#terminal-screen .xterm-rows");
  const act = (action: string) => dashboard.stack.run(["compute", action, id]);

  async function openTerminal(): Promise<void> {
    visit = await dashboard.visit(you);
    await visit.go(pathOf("terminal"));
    await visit.page.getByRole("button", { name: "Open a terminal" }).click();
    await statusOf().getByText("Open.", { exact: true }).waitFor();
  }

  async function type(line: string): Promise<void> {
    await visit.page.keyboard.type(`${line}\n`);
  }

  /** By the mouse: what is shown lies under what takes it. */
  async function clickAt(text: string | RegExp, clickCount = 1): Promise<void> {
    const shown = screenOf().getByText(text, { exact: true }).last();
    await shown.waitFor();
    const place = await shown.boundingBox();
    if (!place) throw new Error(`where is "${text}"?`);
    const [x, y] = [place.x + 10, place.y + place.height / 2];
    await visit.page.mouse.move(x, y);
    // The terminal looks what is there when the mouse rests.
    await visit.page.waitForTimeout(300);
    await visit.page.mouse.click(x, y, { clickCount });
  }

  describe("terminal", () => {
    it("is loaded when it is opened and not before, shows what commands write in its colors, and nothing is refused", async () => {
      visit = await dashboard.visit(you);
      const loaded: string[] = [];
      const sizes: Promise<number>[] = [];
      visit.page.on("response", (response) => {
        loaded.push(response.url());
        if (response.url().endsWith("/terminal-screen.js")) {
          sizes.push(response.body().then((body) => gzipSync(body).length));
        }
      });
      await visit.go(pathOf("terminal"));
      expect(loaded.join(" ")).not.toContain("terminal-screen");
      await visit.page.getByRole("button", { name: "Open a terminal" }).click();
      await statusOf().getByText("Open.", { exact: true }).waitFor();
      expect(await sizes[0]).toBeLessThan(MAX_TERMINAL_BYTES);
      await type(`printf '\\033[31mred\\033[0m \\033[38;2;10;120;200mtrue\\033[0m\\n'; echo n$((6*7))`);
      await screenOf().getByText("n42").waitFor();
      const colorOf = (text: string) =>
        screenOf()
          .getByText(text, { exact: true })
          .evaluate((element) => (globalThis as any).getComputedStyle(element).color);
      expect(await colorOf("red")).toBe("rgb(179, 38, 30)");
      expect(await colorOf("true")).toMatch(/^rgb\((?!22, 25, 29)/);
      expectCalm(visit);
      expect(await visit.findBarriers()).toEqual([]);
    });

    it("follows the size of its window, and the page's theme", async () => {
      await openTerminal();
      const columns = async () => {
        await type("clear; echo c$(tput cols)c");
        return Number(
          /c(\d+)c\s*$/m.exec(
            (await screenOf()
              .getByText(/^c\d+c\s*$/)
              .textContent()) ?? "",
          )?.[1],
        );
      };
      const wide = await columns();
      expect(wide).toBeGreaterThan(100);
      await visit.page.setViewportSize({ width: 500, height: 800 });
      await expect.poll(columns, { timeout: 10_000 }).toBeLessThan(60);
      const ground = () =>
        visit.page
          .locator("#terminal-screen .xterm-scrollable-element")
          .evaluate((element) => (globalThis as any).getComputedStyle(element).backgroundColor);
      const light = await ground();
      await visit.page.emulateMedia({ colorScheme: "dark" });
      await expect.poll(ground, { timeout: 10_000 }).not.toBe(light);
      expectCalm(visit);
    });

    it("says how its shell ended, and opens another only when it is asked to", async () => {
      await openTerminal();
      await type("mark=here; exit 7");
      await statusOf().getByText("The shell ended with exit code 7.").waitFor();
      const again = visit.page.getByRole("button", { name: "Open a new shell" });
      await expect
        .poll(() => again.evaluate((button: any) => button === button.ownerDocument.activeElement))
        .toBe(true);
      await visit.page.keyboard.press("Enter");
      await statusOf().getByText("Open.", { exact: true }).waitFor();
      await type("echo mark=$mark.");
      await screenOf().getByText("mark=.").waitFor();
      await visit.page.getByRole("button", { name: "End the shell" }).click();
      await statusOf().getByText("You ended the shell.").waitFor();
    });

    it("says that its connection was lost, and does not come back by itself", async () => {
      visit = await dashboard.visit(you);
      await visit.page.routeWebSocket(/\/terminal\?ticket=/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((message) => {
          if (String(message).includes("drop")) {
            void socket.close({ code: 3001 });
            void server.close();
          } else {
            server.send(message);
          }
        });
      });
      let tickets = 0;
      visit.page.on("request", (request) => {
        tickets += request.url().endsWith("/terminal/ticket") ? 1 : 0;
      });
      await visit.go(pathOf("terminal"));
      await visit.page.getByRole("button", { name: "Open a terminal" }).click();
      await statusOf().getByText("Open.", { exact: true }).waitFor();
      await visit.page.keyboard.insertText("drop");
      await statusOf().getByText("The connection was lost, and the shell ended with it.").waitFor();
      await visit.page.waitForTimeout(1_500);
      expect(tickets).toBe(1);
      expect(await visit.page.getByRole("button", { name: "Open a new shell" }).isEnabled()).toBe(true);
    });

    it("can be left by the keyboard, and read by a screen reader", async () => {
      await openTerminal();
      await visit.page.keyboard.press("Tab");
      const isInside = () =>
        visit.page
          .locator("#terminal-screen")
          .evaluate((element: any) => element.contains(element.ownerDocument.activeElement));
      expect(await isInside()).toBe(true);
      await visit.page.keyboard.press("Control+Shift+Enter");
      expect(await isInside()).toBe(false);
      const input = visit.page.getByRole("textbox", { name: "Terminal input" });
      expect(await input.getAttribute("aria-describedby")).toBe("terminal-help");
      expect(await visit.page.locator("#terminal-help").textContent()).toContain(
        "Ctrl+Shift+Enter leaves it",
      );
      await visit.page.getByLabel("For screen readers").check();
      await input.focus();
      await type("echo told $((40+2))");
      await visit.page.getByRole("list").getByText("told 42").waitFor();
      expect(await visit.findBarriers()).toEqual([]);
    });

    it("copies what was selected and pastes, and lets no output near the clipboard, the title or other pages", async () => {
      await openTerminal();
      const { page, context } = visit;
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const clipboard = (): Promise<string> => page.evaluate("navigator.clipboard.readText()");
      const copy = (text: string) => page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await copy("echo pasted $((40+3))\n");
      await page.keyboard.press("Control+Shift+V");
      // A pasted line end runs nothing.
      await screenOf().getByText("echo pasted").waitFor();
      expect(await screenOf().getByText("pasted 43").count()).toBe(0);
      await page.keyboard.press("Enter");
      await screenOf().getByText("pasted 43").waitFor();
      const title = await page.title();
      const windows: unknown[] = [];
      context.on("page", (opened) => windows.push(opened));
      const asked: string[] = [];
      page.on("dialog", (dialog) => {
        asked.push(dialog.message());
        void dialog.dismiss();
      });
      await copy("mine");
      await type(
        `printf '\\033]52;c;c3RvbGVu\\007\\033]0;stolen\\007\\033[20t\\033]8;;https://elsewhere.test/x\\007a link\\033]8;;\\007 \\033]8;;javascript:alert(1)\\007bad link\\033]8;;\\007\\n'; echo is done`,
      );
      await screenOf().getByText("is done").last().waitFor();
      expect(await clipboard()).toBe("mine");
      expect(await page.title()).toBe(title);
      for (const text of ["a link", "bad link"]) {
        await clickAt(text);
      }
      await expect.poll(() => asked, { timeout: 10_000 }).toHaveLength(1);
      expect(asked[0]).toContain("https://elsewhere.test/x");
      expect(windows).toEqual([]);
      await type("clear; echo $((1000+234))");
      await clickAt(/^1234\s*$/, 2);
      await page.keyboard.press("Control+Shift+C");
      await expect.poll(() => clipboard(), { timeout: 10_000 }).toBe("1234");
      expectCalm(visit);
    });

    it("says that it wakes a sleeping instance, and does not start a stopped one by itself", async () => {
      await act("suspend");
      const match = { method: "POST", path: "^/v1/apps/[^/]+/machines/[^/]+/start$", count: 1 };
      await dashboard.stack.fault({ kind: "latency", ms: 2_000, match });
      visit = await dashboard.visit(you);
      await visit.go(pathOf("terminal"));
      await visit.page.getByRole("button", { name: "Open a terminal" }).click();
      await statusOf().getByText("It sleeps. This wakes it").waitFor();
      await statusOf().getByText("Open.", { exact: true }).waitFor();
      await act("stop");
      await visit.go(pathOf("terminal"));
      expect(await visit.page.getByRole("button", { name: "Open a terminal" }).isDisabled()).toBe(true);
      expect(await visit.findBarriers()).toEqual([]);
      await visit.page.getByRole("button", { name: "Start it" }).click();
      await dashboard.stack.reach(id, "running");
    });
  });

  describe("log", () => {
    beforeAll(publishTeller);

    it("follows, pauses, filters as one types, and comes back where it was; hostile lines are text", async () => {
      const { stack } = dashboard;
      const { id: teller } = await stack.create({ name: "teller" });
      const say = (line: string) => stack.exec(teller, `printf '%b\\n' '${line}' > /tmp/say`);
      visit = await dashboard.visit(you);
      const { page } = visit;
      await say("before the page");
      await until("the line in the page", async () => {
        await visit.go(`/dashboard/instances/${teller}/logs`);
        return (await page.locator("#log-lines").textContent())?.includes("before the page");
      });
      const lines = page.locator("#log-lines li:not([hidden]) .text");
      const status = page.locator("#log-status");
      await status.getByText("Following.").waitFor();
      await say("while it follows");
      await lines.getByText("while it follows").waitFor();
      expect(await lines.getByText("before the page").count()).toBe(1);

      await page.getByRole("button", { name: "Pause" }).click();
      await say("\\033[31m<img src=x onerror=alert(1)>\\033[0m");
      await status.getByText("Paused; 1 new.").waitFor();
      expect(await page.locator("#log-lines").textContent()).not.toContain("onerror");
      await page.getByRole("button", { name: "Follow" }).click();
      await lines.getByText("<img src=x onerror=alert(1)>", { exact: true }).waitFor();
      expect(await page.locator("#log-lines img").count()).toBe(0);

      await page.getByLabel("Text").fill("WHILE");
      await expect.poll(() => lines.allTextContents()).toEqual(["while it follows"]);
      await page.getByLabel("Text").fill("nowhere to be found");
      await page.getByText("No line passes the filter.").waitFor();
      await page.getByLabel("Text").fill("");

      await visit.context.setOffline(true);
      await say("unheard");
      await visit.context.setOffline(false);
      await lines.getByText("unheard").waitFor({ timeout: 20_000 });
      expect(await lines.getByText("while it follows").count()).toBe(1);
      expect(await visit.findBarriers()).toEqual([]);
      expect(visit.moved.shift).toBeLessThan(0.001);
      expect(
        visit.complaints.filter((complaint) => !complaint.includes("ERR_INTERNET_DISCONNECTED")),
      ).toEqual([]);
    });

    it("gives up the oldest lines when there are too many, and says so", async () => {
      const { stack } = dashboard;
      const { id: teller } = await stack.create({ name: "chatterbox" });
      visit = await dashboard.visit(you);
      const { page } = visit;
      await visit.go(`/dashboard/instances/${teller}/logs`);
      await page.locator("#log-status").getByText("Following.").waitFor();
      for (const turn of [1, 2, 3]) {
        await stack.exec(teller, `seq ${turn}0001 ${turn}1200 > /tmp/say`);
        await page.locator("#log-lines .text").getByText(`${turn}1200`, { exact: true }).waitFor();
      }
      expect(await page.locator("#log-lines li").count()).toBe(3_001);
      expect(await page.locator("#log-lines li").first().textContent()).toContain(
        "Older lines were taken out",
      );
      expect(await page.getByRole("button", { name: "To the end" }).isDisabled()).toBe(true);
      await page.locator("#log-lines").evaluate((element: any) => {
        element.scrollTop = 0;
      });
      await stack.exec(teller, "echo the last > /tmp/say");
      await page.locator("#log-lines .text").getByText("the last", { exact: true }).waitFor();
      // Whoever reads further up is left there.
      expect(await page.locator("#log-lines").evaluate((element: any) => element.scrollTop)).toBeLessThan(
        100,
      );
      await page.getByRole("button", { name: "To the end" }).click();
      expect(await page.getByText("the last", { exact: true }).isVisible()).toBe(true);
    });

    it("is there without JavaScript, and filtered", async () => {
      visit = await dashboard.visit(you, { javaScriptEnabled: false });
      const { page } = visit;
      await visit.go(pathOf("logs"));
      await page.getByLabel("Text").fill("LISTENING");
      await page.getByRole("button", { name: "Filter" }).click();
      const texts = await page.locator("#log-lines .text").allTextContents();
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) {
        expect(text).toContain("listening");
      }
      expect(await page.getByRole("button", { name: "Pause" }).isVisible()).toBe(false);
    });
  });

  describe("exec", () => {
    it.each([true, false])(
      "runs a command and shows both its outputs and how it ended; JavaScript: %s",
      async (javaScriptEnabled) => {
        visit = await dashboard.visit(you, { javaScriptEnabled });
        const { page } = visit;
        await visit.go(pathOf("exec"));
        await page.getByLabel("Command").fill("cat; echo '<b>bold</b>'; sleep 2; echo oops >&2; exit 3");
        await page.getByLabel("Input").fill("read this\n");
        await page.getByRole("button", { name: "Run" }).click();
        if (javaScriptEnabled) {
          await page.locator("#exec-stdout").getByText("read this").waitFor();
          expect(await page.locator("#exec-ending").textContent()).toBe("Running on fly-machine …");
        }
        await page.getByRole("heading", { name: "Exit code 3" }).waitFor();
        expect(await page.locator("#exec-stdout").textContent()).toBe("read this\n<b>bold</b>\n");
        expect(await page.locator("#exec-stderr").textContent()).toBe("oops\n");
        expect(await page.locator("#exec-facts").textContent()).toMatch(/^2\.\d\d s · on fly-machine$/);
        if (javaScriptEnabled) {
          expectCalm(visit);
          expect(await visit.findBarriers()).toEqual([]);
        }
      },
    );

    it("is stopped by a button", async () => {
      visit = await dashboard.visit(you);
      const { page } = visit;
      await visit.go(pathOf("exec"));
      await page.getByLabel("Command").fill("echo $$ > /tmp/it; sleep 300");
      await page.getByRole("button", { name: "Run" }).click();
      await page.locator("#exec-ending").getByText("Running on").waitFor();
      await page.getByRole("button", { name: "Stop it" }).click();
      await page.getByText("Stopped: the command is being ended.").waitFor();
      await expect
        .poll(
          () => dashboard.stack.exec(id, "kill -0 $(cat /tmp/it) 2>/dev/null && echo lives || echo gone"),
          { timeout: 15_000 },
        )
        .toContain("gone");
    });
  });

  /** Of an agent's next instances: a program of our own in the agent's place. */
  async function publishTeller(): Promise<void> {
    const { stack } = dashboard;
    const shipped = findAgent("aider")?.releases.at(-1)?.recipe;
    const recipe = { ...shipped, user: undefined, entrypoint: ["sh", "-c"], command: [TELLER] };
    const image = { repository: "example.test/teller", tag: "v1", digest: `sha256:${"ab".repeat(32)}` };
    const file = join(stack.state, "teller.json");
    writeFileSync(file, JSON.stringify({ release: "9.9.9", image, recipe }));
    await stack.run(["admin", "releases", "publish", "aider", "--file", file]);
  }
});
