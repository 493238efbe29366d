import { once } from "node:events";
import { defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { readAll } from "../input.ts";

const METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE)$/;

export default defineCommand({
  describe: "Call the API directly",
  args: {
    method: {
      describe: "GET, POST, PUT, PATCH or DELETE",
      completes: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    },
    path: { describe: "such as /api/instances" },
    body: { describe: "JSON, or - to read it from stdin", optional: true },
  },
  examples: [
    "gentity api GET /api/account",
    `gentity api PATCH /api/instances/cl-x7k2m9q4 '{"name":"scout"}'`,
  ],
  async run({ out, publicClient, signal, stdin }, { args }) {
    const method = args.method.toUpperCase();
    if (!METHOD.test(method)) throw usage(`"${args.method}" is not a method.`);
    // Also keeps the token at home: anything else could name another host.
    if (!args.path.startsWith("/")) throw usage(`A path starts with "/", as in /api/instances.`);
    const text = args.body === "-" ? (await readAll(stdin)).toString("utf8") : args.body;
    const call = { method, path: args.path, body: jsonOf(text), accept: "application/json, */*;q=0.5" };
    const response = await (await publicClient()).request(call, { signal, timeoutMs: null });
    if (/\bjson\b/.test(response.headers.get("content-type") ?? "")) {
      const answer = await response.text();
      if (answer !== "") out.document(JSON.parse(answer));
      return EXIT.ok;
    }
    for await (const chunk of response.body ?? []) {
      if (!out.stdout.write(chunk)) await once(out.stdout, "drain");
    }
    return EXIT.ok;
  },
});

function jsonOf(text: string | undefined): unknown {
  if (text === undefined || text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw usage("The body is not JSON.");
  }
}

function usage(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, next: ["gentity help api"] });
}
