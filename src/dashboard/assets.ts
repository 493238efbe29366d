import { createHash } from "node:crypto";
import bundled from "../../.gentity/browser-assets.txt";
import { newPages } from "./route.ts";

interface Asset {
  type: string;
  body: string;
  /** Where it is; changes with its content, so that it may be kept for ever. */
  path: string;
}

const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};
const FOREVER = "public, max-age=31536000, immutable";

let known: Map<string, Asset> | undefined;

/** Read at the first request: what starts the Worker does not wait for it. */
function assets(): Map<string, Asset> {
  known ??= new Map(
    Object.entries(JSON.parse(bundled) as Record<string, string>).map(([name, body]) => {
      const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
      const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
      return [name, { type, body, path: `/assets/${hash}/${name}` }];
    }),
  );
  return known;
}

/** The address of `styles/*.css` or `client/*.ts` by its bundled name. @throws Error for one that is not there. */
export function assetPath(name: string): string {
  const asset = assets().get(name);
  if (!asset) {
    throw new Error(`there is no asset ${name}`);
  }
  return asset.path;
}

export const assetRoutes = newPages().get("/assets/:hash/:name", (c) => {
  const asset = assets().get(c.req.param("name"));
  // An older page's hash gets nothing: what it would get is not what it was written for.
  return asset?.path === c.req.path
    ? c.body(asset.body, 200, { "Content-Type": asset.type, "Cache-Control": FOREVER })
    : c.notFound();
});
