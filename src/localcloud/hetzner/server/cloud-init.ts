/** What cloud-init does with the instructions a server was given, as much of it as is used: files, and commands once. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import * as z from "zod";
import { below, mapCommand } from "./paths.ts";

const config = z.looseObject({
  packages: z.array(z.unknown()).optional(),
  write_files: z
    .array(
      z.looseObject({
        path: z.string(),
        content: z.string().default(""),
        permissions: z.union([z.string(), z.number()]).optional(),
        encoding: z.string().optional(),
        append: z.boolean().optional(),
      }),
    )
    .optional(),
  runcmd: z.array(z.union([z.string(), z.array(z.coerce.string())])).optional(),
});

type CloudConfig = z.infer<typeof config>;
type WrittenFile = NonNullable<CloudConfig["write_files"]>[number];

const UNDERSTOOD = new Set(["write_files", "runcmd", "packages"]);

export interface FirstBoot {
  root: string;
  userData: string;
  say(line: string): void;
  run(argv: string[]): Promise<number | null>;
}

/** As the real one: what fails is told, and what comes after it is done all the same. */
export async function firstBoot({ root, userData, say, run }: FirstBoot): Promise<void> {
  if (userData === "") return;
  if (userData.startsWith("#!")) {
    const script = below(root, "/var/lib/cloud/instance/scripts/part-001");
    await mkdir(dirname(script), { recursive: true });
    await writeFile(script, userData, { mode: 0o700 });
    await tell(await run([script]), "part-001", say);
    return;
  }
  if (!/^#cloud-config\s*\n/.test(userData)) {
    say("unhandled non-multipart (text/x-not-multipart) userdata");
    return;
  }
  const wanted = read(userData, say);
  if (!wanted) return;
  const ignored = Object.keys(wanted).filter((key) => !UNDERSTOOD.has(key));
  if (ignored.length > 0) say(`not done on this computer: ${ignored.join(", ")}`);
  if (wanted.packages?.length) say(`packages, taken to be there: ${wanted.packages.join(", ")}`);
  for (const file of wanted.write_files ?? []) await write(root, file);
  for (const command of wanted.runcmd ?? []) {
    const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : mapCommand(root, command);
    await tell(await run(argv), argv.join(" "), say);
  }
}

function read(userData: string, say: FirstBoot["say"]): CloudConfig | undefined {
  try {
    return config.parse(parse(userData) ?? {});
  } catch (error) {
    say(`failed loading cloud-config: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function write(
  root: string,
  { path, content, permissions, encoding, append }: WrittenFile,
): Promise<void> {
  const at = below(root, path);
  await mkdir(dirname(at), { recursive: true });
  await writeFile(at, decode(content, encoding), { flag: append ? "a" : "w" });
  // Quoted or not, it is octal.
  await chmod(at, permissions === undefined ? 0o644 : Number.parseInt(String(permissions), 8));
}

function decode(content: string, encoding = "text/plain"): Buffer {
  const isBase64 = /^(b64|base64|gz\+b64|gz\+base64|gzip\+b64|gzip\+base64)$/.test(encoding);
  const bytes = Buffer.from(content, isBase64 ? "base64" : "utf8");
  return /^gz/.test(encoding) ? gunzipSync(bytes) : bytes;
}

function tell(code: number | null, what: string, say: FirstBoot["say"]): void {
  if (code !== 0) say(`failed (${code}): ${what}`);
}
