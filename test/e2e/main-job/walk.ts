/** What the steps of the main job share: the stack, the instance they are about, and what one vendor does differently. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { RunResult } from "../../../src/cli/testing/run-cli.ts";
import { family } from "../processes.ts";
import { NO_SERVER, NOTHING, type Stack } from "../stack.ts";

export interface Vendor {
  name: "fly" | "hetzner";
  /** Where an instance goes unless it is told. */
  region: string;
  /** Everything an instance has at the vendor, by the vendor's own lists. */
  holdings: (stack: Stack, id: string) => Promise<object>;
  /** One of each. */
  whole: object;
  nothing: object;
  /** Where the local cloud keeps machines and volumes. */
  folders: readonly string[];
  /** The part of it that stands in the environment or the command line of all that runs for a machine. */
  mark: (stack: Stack, id: string) => Promise<string>;
  /** Whether a volume can be copied. */
  copiesData: boolean;
  /** Whether what lies outside the volume is there again after a stop. */
  keepsRootDisk: boolean;
}

const one = [expect.any(String)];

export const FLY: Vendor = {
  name: "fly",
  region: "iad",
  holdings: (stack, id) => stack.holdings(id),
  whole: { apps: one, machines: one, volumes: one },
  nothing: NOTHING,
  folders: ["machines", "volumes"],
  mark: async (stack, id) => `FLY_MACHINE_ID=${(await stack.holdings(id)).machines[0]}`,
  copiesData: true,
  keepsRootDisk: false,
};

export const HETZNER: Vendor = {
  name: "hetzner",
  region: "fsn1",
  holdings: (stack, id) => stack.serverHoldings(id),
  whole: { servers: one, volumes: one, firewalls: one, tunnels: one, records: one },
  nothing: NO_SERVER,
  folders: ["hetzner/servers", "hetzner/volumes"],
  // Servers are numbered, and another stack's have the same numbers.
  mark: async (stack, id) =>
    `${stack.state}/cloud/hetzner/servers/${(await stack.serverHoldings(id)).servers[0]}/`,
  copiesData: false,
  keepsRootDisk: true,
};

export class Walk {
  readonly vendor: Vendor;
  stack!: Stack;
  id = "";
  subdomain = "";

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  exec(...command: string[]): Promise<RunResult> {
    return this.stack.cli(["compute", "exec", this.id, "--", ...command]);
  }

  shell(script: string): Promise<RunResult> {
    return this.exec("sh", "-c", script);
  }

  act(action: string): Promise<string> {
    return this.stack.run(["compute", action, this.id]);
  }

  /** Tells one life of the agent's main process from the next. */
  async bootOf(id = this.id): Promise<string> {
    return this.stack.exec(id, "stat -c '%Y %i' /proc/1; cut -d' ' -f22 /proc/1/stat");
  }

  instance() {
    return this.stack.instance(this.id);
  }

  holdings(): Promise<object> {
    return this.vendor.holdings(this.stack, this.id);
  }

  /** The programs of this computer that are part of the machine. */
  async programs(): Promise<{ pid: number; command: string }[]> {
    return this.programsWith(await this.vendor.mark(this.stack, this.id));
  }

  programsWith(mark: string): { pid: number; command: string }[] {
    return family(-1, [mark]);
  }

  /** What the local cloud keeps on this computer's disk for machines. */
  folders(): string[] {
    return this.vendor.folders.flatMap((folder) => readdirSync(join(this.stack.state, "cloud", folder)));
  }
}
