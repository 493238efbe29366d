import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { defineCommand } from "../command.ts";

const SIGNAL_BASE = 128;

export default defineCommand({
  describe: "Run the whole stack on this computer; flags are passed on",
  verbatim: true,
  args: { flags: { describe: "passed on to the stack", optional: true, variadic: true } },
  async run(_context, { args }) {
    const program = fileURLToPath(new URL("../../dev/main.ts", import.meta.url));
    const child = spawn(process.execPath, [program, ...args.flags], { stdio: "inherit" });
    // The terminal sends Ctrl-C to both of us; the stack decides when it has shut down.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        resolve(signal ? SIGNAL_BASE + constants.signals[signal] : (code ?? 1));
      });
    });
  },
});
