/** A reader's shell: what the pages say is typed into it as it stands, with the placeholders filled in. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { spawn as spawnTerminal } from "@lydell/node-pty";
import { environment } from "../../src/cli/testing/run-cli.ts";
import { type Stack, until } from "../e2e/stack.ts";
import type { Block } from "./blocks.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What a reader would look up: the newest of each kind, asked for at the moment it is needed. */
const LOOK_UP = `
newest() {
  case "$1" in
    id) ask '/api/instances?exposure=all&limit=1' '.instances[0].id' ;;
    subdomain) ask '/api/instances?limit=1' '.instances[0].subdomain' ;;
    transfer) ask /api/transfers '.transfers[0].id' ;;
    token-id) ask /api/tokens '.tokens[0].id' ;;
    account) curl -sf "$GENTITY_API_URL/api/admin/accounts" -H "Authorization: Bearer $GENTITY_ADMIN_TOKEN" | jq -er '.accounts[0].id' ;;
  esac
}
ask() { curl -sf "$GENTITY_API_URL$1" -H "Authorization: Bearer $GENTITY_TOKEN" | jq -er "$2"; }
`;
const PLACEHOLDER = /<(id|subdomain|transfer|token-id|account)>/g;

const AS_SOMEBODY = "as ";
/** For how long something that goes on by itself is watched. */
const WATCHED_MS = 3_000;

export class Shell {
  private readonly stack: Stack;
  private readonly folder = mkdtempSync(join(tmpdir(), "gentity-docs-"));
  private adminToken: string;
  /** The token of the account that was made last. */
  private others: string | undefined;

  constructor(stack: Stack, adminToken: string) {
    this.stack = stack;
    this.adminToken = adminToken;
    for (const name of ["node_modules", "src", "package.json"]) {
      symlinkSync(join(ROOT, name), join(this.folder, name));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** @throws with all that it printed where it fails, or does not print what the page says. */
  async run(block: Block): Promise<void> {
    const output = await this.outputOf(block);
    this.others = /gn_live_[a-z2-7]{52}/.exec(output)?.[0] ?? this.others;
    const missing = block.output.filter((line) => !patternOf(this.here(line)).test(output));
    if (missing.length > 0) {
      throw new Error(`${block.page}.md:${block.line} does not print ${JSON.stringify(missing)}:\n${output}`);
    }
  }

  private outputOf(block: Block): Promise<string> {
    const env = this.env(block);
    if (block.language === "ts") {
      const file = join(this.folder, `${block.page}-${block.line}.mts`);
      writeFileSync(file, block.text);
      return this.toEnd(block, ["node", file], env);
    }
    const script = LOOK_UP + this.here(block.text.replaceAll(PLACEHOLDER, "$(newest $1)"));
    const line = ["bash", "-euo", "pipefail", "-c", script];
    switch (block.how) {
      case "terminal":
        return this.inTerminal(line, env);
      case "until-interrupted":
        return this.untilInterrupted(block, line, env);
      default:
        return this.toEnd(block, line, env);
    }
  }

  /** With the address of this stack in place of the usual one. */
  private here(text: string): string {
    return text.replaceAll("localhost:8787", `localhost:${this.stack.port}`);
  }

  private env({ how }: Block): Record<string, string> {
    const token = how.startsWith(AS_SOMEBODY) ? this.others : this.stack.local.token;
    return environment(this.stack.home, {
      PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`,
      GENTITY_API_URL: this.stack.local.apiUrl,
      GENTITY_TOKEN: token ?? "",
      GENTITY_ADMIN_TOKEN: this.adminToken,
    });
  }

  private start([program = "", ...args]: string[], env: Record<string, string>) {
    // A group of its own, so that what it started can be interrupted as a terminal does it.
    const child = spawn(program, args, {
      cwd: this.folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output += data.toString();
      });
    }
    const ended = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
    return { child, ended, output: () => output };
  }

  private async toEnd(block: Block, line: string[], env: Record<string, string>): Promise<string> {
    const { ended, output } = this.start(line, env);
    const code = await ended;
    if (code !== 0) throw new Error(`${block.page}.md:${block.line} exits with ${code}:\n${output()}`);
    return output();
  }

  private async untilInterrupted(block: Block, line: string[], env: Record<string, string>): Promise<string> {
    const { child, ended, output } = this.start(line, env);
    const early = await Promise.race([
      ended,
      new Promise<"on">((done) => setTimeout(done, WATCHED_MS, "on")),
    ]);
    if (early !== "on")
      throw new Error(`${block.page}.md:${block.line} ended by itself with ${early}:\n${output()}`);
    process.kill(-(child.pid ?? 0), "SIGINT");
    await ended;
    return output();
  }

  private async inTerminal([program = "", ...args]: string[], env: Record<string, string>): Promise<string> {
    const terminal = spawnTerminal(program, args, {
      cwd: this.folder,
      env: { ...env, TERM: "xterm-256color" },
    });
    let screen = "";
    terminal.onData((data) => {
      screen += data;
    });
    const ended = new Promise<number>((done) => terminal.onExit(({ exitCode }) => done(exitCode)));
    try {
      await until(
        () => `a prompt in ${JSON.stringify(screen)}`,
        () => /[$#] $/.test(screen),
      );
      terminal.write("exit\r");
      if ((await ended) !== 0) throw new Error(`the terminal did not end well:\n${screen}`);
      return screen;
    } finally {
      terminal.kill();
    }
  }
}

/** A line of a page as what it stands for: `…` is anything, and spaces are any. */
function patternOf(line: string): RegExp {
  const parts = line
    .trim()
    .split("…")
    .map((part) =>
      part
        .split(/\s+/)
        .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("\\s+"),
    );
  return new RegExp(parts.join(".*"));
}
