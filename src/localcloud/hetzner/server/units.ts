/** What `systemctl` asks for, and the services of one server. */
import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Unit, type UnitContext } from "./unit.ts";
import { parseUnit, type UnitSpec } from "./unit-file.ts";

const UNIT_DIR = "etc/systemd/system";
const DEFAULT_TARGET = "multi-user.target";
const SUFFIX = ".service";
/** They come with packages. What they do is done by the server itself, or has no meaning here. */
const SYSTEM_UNITS = new Set(
  ["docker", "containerd", "nftables", "ssh", "cron", "systemd-timesyncd"].map((name) => name + SUFFIX),
);

export interface Answer {
  code: number;
  output: string;
}

const OK: Answer = { code: 0, output: "" };
const missing = (name: string): Answer => ({ code: 5, output: `Unit ${name} not found.\n` });

export class Units {
  private readonly units = new Map<string, Unit>();
  private readonly context: UnitContext;

  constructor(context: UnitContext) {
    this.context = context;
  }

  async systemctl(argv: readonly string[]): Promise<Answer> {
    const flags = argv.filter((word) => word.startsWith("-"));
    const [verb = "", ...names] = argv.filter((word) => !word.startsWith("-"));
    const units = names.map((name) => (name.includes(".") ? name : name + SUFFIX));
    switch (verb) {
      case "daemon-reload":
        await this.reload();
        return OK;
      case "enable":
      case "disable":
        return each(units, (name) => this.enable(name, verb === "enable", flags.includes("--now")));
      case "start":
      case "stop":
      case "restart":
        return each(units, (name) => this.act(name, verb));
      case "is-active":
        return each(units, async (name) => this.describe(name));
      case "is-enabled":
        return each(units, async (name) => this.enabled(name));
      default:
        return { code: 1, output: `Unknown command verb '${verb}'.\n` };
    }
  }

  /** As the server comes up. */
  async startEnabled(): Promise<void> {
    const dir = join(this.context.root, UNIT_DIR, `${DEFAULT_TARGET}.wants`);
    for (const name of await readdir(dir).catch(() => [])) await this.act(name, "start");
  }

  /** As the server goes down. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.units.values()].map((unit) => unit.stop()));
  }

  private async reload(): Promise<void> {
    for (const unit of this.units.values()) {
      const spec = await this.read(unit.name);
      if (spec) unit.update(spec);
    }
  }

  private async act(name: string, verb: "start" | "stop" | "restart"): Promise<Answer> {
    if (SYSTEM_UNITS.has(name)) return OK;
    const unit = await this.find(name);
    if (!unit) return missing(name);
    if (verb !== "start") await unit.stop();
    if (verb === "stop" || (await unit.start())) return OK;
    return { code: 1, output: `Job for ${name} failed.\n` };
  }

  private async enable(name: string, isOn: boolean, now: boolean): Promise<Answer> {
    if (SYSTEM_UNITS.has(name)) return OK;
    const spec = await this.read(name);
    if (!spec) return missing(name);
    const targets = spec.wantedBy.length > 0 ? spec.wantedBy : [DEFAULT_TARGET];
    for (const target of targets) {
      const dir = join(this.context.root, UNIT_DIR, `${target}.wants`);
      await mkdir(dir, { recursive: true });
      await rm(join(dir, name), { force: true });
      if (isOn) await symlink(join("..", name), join(dir, name));
    }
    return now ? this.act(name, isOn ? "start" : "stop") : OK;
  }

  private describe(name: string): Answer {
    const state = SYSTEM_UNITS.has(name) ? "active" : (this.units.get(name)?.state ?? "inactive");
    return { code: state === "active" ? 0 : 3, output: `${state}\n` };
  }

  private async enabled(name: string): Promise<Answer> {
    const dir = join(this.context.root, UNIT_DIR, `${DEFAULT_TARGET}.wants`);
    const isOn = SYSTEM_UNITS.has(name) || (await readdir(dir).catch((): string[] => [])).includes(name);
    return { code: isOn ? 0 : 1, output: isOn ? "enabled\n" : "disabled\n" };
  }

  private async find(name: string): Promise<Unit | undefined> {
    const known = this.units.get(name);
    if (known) return known;
    const spec = await this.read(name);
    if (!spec) return undefined;
    const unit = new Unit(name, spec, this.context);
    this.units.set(name, unit);
    return unit;
  }

  private async read(name: string): Promise<UnitSpec | undefined> {
    if (!/^[\w@.-]+$/.test(name)) return undefined;
    const text = await readFile(join(this.context.root, UNIT_DIR, name), "utf8").catch(() => undefined);
    return text === undefined ? undefined : parseUnit(text);
  }
}

async function each(names: string[], act: (name: string) => Promise<Answer>): Promise<Answer> {
  const answers: Answer[] = [];
  for (const name of names) answers.push(await act(name));
  return {
    code: answers.find(({ code }) => code !== 0)?.code ?? 0,
    output: answers.map(({ output }) => output).join(""),
  };
}
