import { isGroup, type Registry } from "./command.ts";

/** All commands: `gentity <name>`, `gentity <group> <name>`, and so on down. */
export const REGISTRY: Registry = {
  login: { load: () => import("./commands/login.ts") },
  logout: { load: () => import("./commands/logout.ts") },
  agents: { load: () => import("./commands/agents.ts") },
  compute: {
    describe: "Create, use and delete instances",
    commands: {
      create: { load: () => import("./commands/compute/create.ts") },
      list: { aliases: ["ls"], load: () => import("./commands/compute/list.ts") },
      get: { load: () => import("./commands/compute/get.ts") },
      start: { load: () => import("./commands/compute/start.ts") },
      stop: { load: () => import("./commands/compute/stop.ts") },
      restart: { load: () => import("./commands/compute/restart.ts") },
      suspend: { load: () => import("./commands/compute/suspend.ts") },
      resume: { load: () => import("./commands/compute/resume.ts") },
      delete: { aliases: ["rm"], load: () => import("./commands/compute/delete.ts") },
      open: { load: () => import("./commands/compute/open.ts") },
      logs: { load: () => import("./commands/compute/logs.ts") },
      ssh: { load: () => import("./commands/compute/ssh.ts") },
      exec: { load: () => import("./commands/compute/exec.ts") },
      update: { load: () => import("./commands/compute/update.ts") },
      hold: { load: () => import("./commands/compute/hold.ts") },
      watch: { load: () => import("./commands/compute/watch.ts") },
      clone: { load: () => import("./commands/compute/clone.ts") },
      "rotate-url": { load: () => import("./commands/compute/rotate-url.ts") },
      access: { load: () => import("./commands/compute/access.ts") },
      link: { load: () => import("./commands/compute/link.ts") },
      transfer: { load: () => import("./commands/compute/transfer.ts") },
      periods: { load: () => import("./commands/compute/periods.ts") },
      events: { load: () => import("./commands/compute/events.ts") },
      usage: { load: () => import("./commands/compute/usage.ts") },
      traffic: { load: () => import("./commands/compute/traffic.ts") },
    },
  },
  run: { load: () => import("./commands/run.ts") },
  fleet: { load: () => import("./commands/fleet.ts") },
  account: { load: () => import("./commands/account.ts") },
  tokens: {
    describe: "Create and revoke API tokens",
    commands: {
      list: { aliases: ["ls"], load: () => import("./commands/tokens/list.ts") },
      create: { load: () => import("./commands/tokens/create.ts") },
      revoke: { load: () => import("./commands/tokens/revoke.ts") },
    },
  },
  audit: { load: () => import("./commands/audit.ts") },
  usage: { load: () => import("./commands/usage.ts") },
  admin: {
    describe: "Run the deployment: accounts, releases, all instances",
    commands: {
      accounts: {
        describe: "Make accounts, and limit or suspend them",
        commands: {
          list: { aliases: ["ls"], load: () => import("./commands/admin/accounts/list.ts") },
          create: { load: () => import("./commands/admin/accounts/create.ts") },
          update: { load: () => import("./commands/admin/accounts/update.ts") },
        },
      },
      releases: {
        describe: "Publish releases of agents",
        commands: { publish: { load: () => import("./commands/admin/releases/publish.ts") } },
      },
      instances: { load: () => import("./commands/admin/instances.ts") },
      sweep: { load: () => import("./commands/admin/sweep.ts") },
    },
  },
  transfers: {
    describe: "Hand instances over to other accounts",
    commands: {
      list: { aliases: ["ls"], load: () => import("./commands/transfers/list.ts") },
      accept: { load: () => import("./commands/transfers/accept.ts") },
      decline: { load: () => import("./commands/transfers/decline.ts") },
      cancel: { load: () => import("./commands/transfers/cancel.ts") },
    },
  },
  api: { load: () => import("./commands/api.ts") },
  dev: { load: () => import("./commands/dev.ts") },
  completion: { load: () => import("./commands/completion.ts") },
  help: { load: () => import("./commands/help.ts") },
};

/** The command or group a command line names, as far as it names one. */
export function findPath(argv: readonly string[]): string[] {
  const path: string[] = [];
  let entries: Registry = REGISTRY;
  for (const word of argv) {
    const found = findEntry(entries, word);
    if (!found) break;
    path.push(found.name);
    if (!isGroup(found.entry)) break;
    entries = found.entry.commands;
  }
  return path;
}

function findEntry(entries: Registry, word: string): { name: string; entry: Registry[string] } | undefined {
  const [name, entry] =
    Object.entries(entries).find(
      ([known, each]) => known === word || (!isGroup(each) && each.aliases?.includes(word)),
    ) ?? [];
  return name !== undefined && entry ? { name, entry } : undefined;
}
