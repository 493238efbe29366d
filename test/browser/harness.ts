/** People in front of the dashboard, in a real browser, and what must hold wherever they go. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium, type Page, type Response } from "playwright-core";
import { Stack, type StackOptions } from "../e2e/stack.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const isBrowserInstalled = existsSync(CHROMIUM);
if (!isBrowserInstalled) console.log(`skipped: there is no ${CHROMIUM}; apt-get install chromium`);

export interface Look {
  javaScriptEnabled?: boolean;
  colorScheme?: "light" | "dark";
  width?: number;
  height?: number;
}

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** Somebody who is signed in. */
export interface Person {
  email: string;
  state: StorageState;
}

/** One stack and one browser, shared by all tests of a file. */
export class Dashboard {
  stack: Stack;
  readonly browser: Browser;

  private constructor(stack: Stack, browser: Browser) {
    this.stack = stack;
    this.browser = browser;
  }

  static async open(options: StackOptions = {}): Promise<Dashboard> {
    const [stack, browser] = await Promise.all([
      Stack.start(options),
      chromium.launch({ executablePath: CHROMIUM, args: ARGS }),
    ]);
    return new Dashboard(stack, browser);
  }

  get origin(): string {
    return `http://localhost:${this.stack.port}`;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.stack.close();
  }

  /** The same state, from its files up; `between` is done while nothing runs. */
  async restart(between: () => void = () => {}): Promise<void> {
    const { state, port } = this.stack;
    await this.stack.stop();
    between();
    this.stack = await Stack.start({ state, port });
  }

  /** A window of their own, or of nobody. */
  async visit(person?: Person, look: Look = {}): Promise<Visit> {
    const { javaScriptEnabled = true, colorScheme = "light", width = 1280, height = 800 } = look;
    const context = await this.browser.newContext({
      javaScriptEnabled,
      colorScheme,
      viewport: { width, height },
      storageState: person?.state,
    });
    return Visit.in(context, this.origin, javaScriptEnabled);
  }

  /** Signs somebody in as they would do it: through the identity provider of the local cloud. */
  async signIn(email: string, look: Look = {}): Promise<Person> {
    const visit = await this.visit(undefined, look);
    await visit.page.goto(`${this.origin}/dashboard`);
    await passProvider(visit.page, email);
    await visit.page.waitForURL(`${this.origin}/dashboard`);
    const state = await visit.context.storageState();
    await visit.leave();
    return { email, state };
  }
}

/** From our page of sign-in through the provider's, back to where one wanted to go. */
export async function passProvider(page: Page, email: string): Promise<void> {
  await page.locator("main").getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Somebody else's email").fill(email);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** A window, and what went wrong in it. Nothing is allowed to. */
export class Visit {
  readonly complaints: string[] = [];
  private shift = 0;
  private shifted: string[] = [];

  readonly context: BrowserContext;
  readonly page: Page;
  private readonly origin: string;

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context;
    this.page = page;
    this.origin = origin;
  }

  static async in(context: BrowserContext, origin: string, hasScripts: boolean): Promise<Visit> {
    const visit = new Visit(context, await context.newPage(), origin);
    await visit.listen(hasScripts);
    return visit;
  }

  private async listen(hasScripts: boolean): Promise<void> {
    const { page, context, complaints } = this;
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      const { url } = message.location();
      // A page that answers 404 or 502 is told of in the console too; its status is the tests' own business.
      const isOfThePage = message.text().startsWith("Failed to load resource") && url === page.url();
      if (message.type() === "error" && !isOfThePage) complaints.push(`console: ${message.text()} (${url})`);
    });
    page.on("request", (request) => {
      const isOurs = page.url().startsWith(this.origin) || page.url() === "about:blank";
      const goes = request.url().startsWith(this.origin) || request.url().startsWith("data:");
      // To sign in, and to open an instance, one leaves: that is the whole page, and nothing of it.
      if (isOurs && !goes && !request.isNavigationRequest()) {
        complaints.push(`asked elsewhere: ${request.url()}`);
      }
    });
    if (!hasScripts) return;
    await context.exposeBinding("tellShift", (_, value: number, what: string) => {
      this.shift += value;
      this.shifted.push(`${value.toFixed(4)} ${what}`);
    });
    await context.exposeBinding("tellViolation", (_, what: string) => complaints.push(`policy: ${what}`));
    await context.addInitScript(WATCH);
  }

  /** Goes to a path of ours; what was counted of the page before is forgotten. */
  async go(path: string): Promise<Response> {
    this.shift = 0;
    this.shifted = [];
    const response = await this.page.goto(this.origin + path);
    if (!response) throw new Error(`no answer from ${path}`);
    return response;
  }

  /** How far things moved by themselves since the last `go` (CLS), and which. */
  get moved(): { shift: number; what: string[] } {
    return { shift: this.shift, what: this.shifted };
  }

  /** What a screen reader, a keyboard or weak eyes stumble over, in both themes. */
  async findBarriers(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const found: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme });
      const barriers: string[] = await this.page.evaluate(RUN_AXE);
      found.push(...barriers.map((barrier) => `${colorScheme}: ${barrier}`));
    }
    return found;
  }

  /** What makes the page itself move sideways, on a telephone, on a tablet or on a large screen. */
  async findOverflow(): Promise<string[]> {
    const before = this.page.viewportSize();
    const found: string[] = [];
    for (const width of [360, 768, 1600]) {
      await this.page.setViewportSize({ width, height: 800 });
      const over: string[] = await this.page.evaluate(OVERFLOWING);
      found.push(...over.map((what) => `${width}: ${what}`));
    }
    if (before) await this.page.setViewportSize(before);
    return found;
  }

  /** All that was loaded for it, as it goes over the wire. */
  async weigh(path: string): Promise<number> {
    const context = await this.context
      .browser()
      ?.newContext({ storageState: await this.context.storageState() });
    if (!context) throw new Error("the browser is gone");
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    page.on("response", (response) => {
      // What stays open is no part of the page.
      if (["eventsource", "websocket"].includes(response.request().resourceType())) return;
      sizes.push(
        response
          .body()
          .then((body) => gzipSync(body).length)
          .catch(() => 0),
      );
    });
    await page.goto(this.origin + path);
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    await context.close();
    return bytes;
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}

/** Runs in the page, before anything else does. */
const WATCH = `
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node }) => {
      const element = node?.nodeType === 1 ? node : node?.parentElement;
      return element ? element.tagName + "." + element.className + " " + element.textContent.slice(0, 40) : "?";
    });
    tellShift(entry.value, location.pathname + ": " + moved.join(" | "));
  }
}).observe({ type: "layout-shift", buffered: true });
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => tellViolation(violatedDirective + " " + blockedURI));
`;

const RUN_AXE = `axe.run(document, { resultTypes: ["violations"], preload: false }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary }) => id + " at " + target.join(" ") + ": " + failureSummary)))`;

/** What sticks out at the side, or nothing. */
const OVERFLOWING = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  return [...document.querySelectorAll("body :not(nav *)")]
    .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
    .map((element) => element.tagName + "." + element.className)
    .slice(0, 5);
})()`;
