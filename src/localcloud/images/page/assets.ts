import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const JAVASCRIPT = "text/javascript; charset=utf-8";
const CSS = "text/css; charset=utf-8";

const require = createRequire(import.meta.url);
const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Everything the page loads. A closed list: no path of a request ever becomes a path on the disk. */
const FILES: ReadonlyMap<string, { path: () => string; type: string }> = new Map([
  ["/assets/client.js", { path: () => own("client.js"), type: JAVASCRIPT }],
  ["/assets/style.css", { path: () => own("style.css"), type: CSS }],
  ["/assets/xterm.mjs", { path: () => require.resolve("@xterm/xterm/lib/xterm.mjs"), type: JAVASCRIPT }],
  ["/assets/xterm.css", { path: () => require.resolve("@xterm/xterm/css/xterm.css"), type: CSS }],
  [
    "/assets/addon-fit.mjs",
    { path: () => require.resolve("@xterm/addon-fit/lib/addon-fit.mjs"), type: JAVASCRIPT },
  ],
]);

export interface Asset {
  body: Buffer;
  type: string;
  etag: string;
}

const loaded = new Map<string, Promise<Asset>>();

async function load(path: string, type: string): Promise<Asset> {
  const body = await readFile(path);
  return { body, type, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
}

export function findAsset(pathname: string): Promise<Asset> | undefined {
  const file = FILES.get(pathname);
  if (!file) return undefined;
  const asset = loaded.get(pathname) ?? load(file.path(), file.type);
  loaded.set(pathname, asset);
  return asset;
}
