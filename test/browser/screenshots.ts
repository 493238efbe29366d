/**
 * Pictures of every page, in both themes, on a desk and on a telephone: `npm run screenshots [-- --out FOLDER] [--only TEXT]`. They
 * are there to be looked at. It says as well how long each page took until it could be used. With `--readme` it makes the README's.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { furnish } from "./furnish.ts";
import { Dashboard, type Look, type Person } from "./harness.ts";
import { OF_AN_INSTANCE, OPEN, OWN } from "./places.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: ".gentity-screenshots" },
    only: { type: "string", default: "" },
    readme: { type: "boolean", default: false },
  },
});
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

const SIZES = { desk: { width: 1280, height: 800 }, telephone: { width: 390, height: 844 } };
const THEMES = ["light", "dark"] as const;

/** Milliseconds until everything that the page needs to be used had been loaded and run. */
const READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd";

async function take(
  dashboard: Dashboard,
  person: Person | undefined,
  path: string,
  name: string,
): Promise<void> {
  const times: number[] = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      const look: Look = { ...viewport, colorScheme };
      const visit = await dashboard.visit(person, look);
      await visit.go(path);
      times.push(await visit.page.evaluate(READY));
      // What is live has its first answer within this, and what has not keeps its room.
      await visit.page.waitForLoadState("networkidle", { timeout: 1_500 }).catch(() => undefined);
      await visit.page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      if (visit.complaints.length > 0) console.log(`${path}: ${visit.complaints.join("; ")}`);
      await visit.leave();
    }
  }
  const inOrder = times.sort((a, b) => a - b);
  console.log(`${name.padEnd(28)} usable after ${inOrder.map((ms) => Math.round(ms)).join(", ")} ms`);
}

/** What the README shows: one screen each. */
async function takeForReadme(dashboard: Dashboard, person: Person, id: string): Promise<void> {
  const wanted = [
    ["instances", "/dashboard", "light"],
    ["instance", `/dashboard/instances/${id}?days=7`, "dark"],
    ["usage", "/dashboard/usage", "light"],
  ] as const;
  const folder = resolve(import.meta.dirname, "../../.github");
  mkdirSync(folder, { recursive: true });
  for (const [name, path, colorScheme] of wanted) {
    const visit = await dashboard.visit(person, { ...SIZES.desk, colorScheme });
    await visit.go(path);
    await visit.page.waitForLoadState("networkidle", { timeout: 1_500 }).catch(() => undefined);
    await visit.page.screenshot({ path: join(folder, `${name}.png`) });
    await visit.leave();
  }
}

const nameOf = (path: string) => path.replace(/^\/(dashboard\/)?/, "").replaceAll("/", "-") || "landing";

const dashboard = await Dashboard.open();
try {
  const { you, stranger, id, stoppedId, deletedId } = await furnish(dashboard);
  const wanted: [Person | undefined, string, string][] = [
    ...OPEN.map((path) => [undefined, path, nameOf(path)] as [undefined, string, string]),
    [undefined, "/nothing-here", "not-found"],
    ...OWN.map((path) => [you, path, nameOf(path)] as [Person, string, string]),
    ...OF_AN_INSTANCE.map(
      (place) =>
        [you, `/dashboard/instances/${id}${place}`, `instance${place.replace("/", "-")}`] as [
          Person,
          string,
          string,
        ],
    ),
    [you, `/dashboard/instances/${stoppedId}`, "instance-stopped"],
    [you, `/dashboard/instances/${deletedId}`, "instance-deleted"],
    ...OWN.map((path) => [stranger, path, `empty-${nameOf(path)}`] as [Person, string, string]),
  ];
  if (values.readme) await takeForReadme(dashboard, you, id);
  for (const [person, path, name] of values.readme ? [] : wanted) {
    if (name.includes(values.only)) await take(dashboard, person, path, name);
  }
  if (!values.readme) console.log(`\nin ${out}`);
} finally {
  await dashboard.close();
}
