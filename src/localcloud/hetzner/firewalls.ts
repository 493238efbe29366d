/** Firewalls and what they are applied to. They filter nothing here: what listens on this computer is not reached from outside. */
import type { Actions } from "./actions.ts";
import { alreadyProtected, firewallInUse, nameTaken, notFound, notProtected } from "./errors.ts";
import { selector } from "./labels.ts";
import type { ActionRecord, FirewallRecord, FirewallTarget } from "./records.ts";
import type { HetznerState } from "./state.ts";

export type NewFirewall = Pick<FirewallRecord, "name" | "labels" | "rules" | "appliedTo">;

export class Firewalls {
  private readonly state: HetznerState;
  private readonly actions: Actions;

  constructor(state: HetznerState, actions: Actions) {
    this.state = state;
    this.actions = actions;
  }

  get(id: number): FirewallRecord {
    const firewall = this.state.firewalls.get(id);
    if (!firewall) throw notFound("firewall", id);
    return firewall;
  }

  create({ appliedTo, ...given }: NewFirewall): { firewall: FirewallRecord; actions: ActionRecord[] } {
    if ([...this.state.firewalls.values()].some(({ name }) => name === given.name))
      throw nameTaken("firewall");
    const id = this.state.newId();
    const firewall: FirewallRecord = { ...given, id, created: new Date().toISOString(), appliedTo: [] };
    this.state.firewalls.set(id, firewall);
    this.state.changed();
    const actions =
      given.rules.length > 0 ? [this.actions.done("set_firewall_rules", [{ type: "firewall", id }])] : [];
    return { firewall, actions: [...actions, ...this.apply(id, appliedTo)] };
  }

  delete(id: number): void {
    const firewall = this.get(id);
    if (firewall.appliedTo.length > 0) throw firewallInUse(id);
    this.state.firewalls.delete(id);
    this.state.changed();
  }

  setRules(id: number, rules: object[]): ActionRecord[] {
    const firewall = this.get(id);
    firewall.rules = rules;
    this.state.changed();
    return [
      this.actions.done("set_firewall_rules", [{ type: "firewall", id }]),
      ...firewall.appliedTo.map((target) => this.actionOf("apply_firewall", id, target)),
    ];
  }

  apply(id: number, targets: readonly FirewallTarget[]): ActionRecord[] {
    const firewall = this.get(id);
    for (const target of targets) {
      if (target.type === "server" && !this.state.servers.has(target.server.id)) {
        throw notFound("server", target.server.id);
      }
      if (firewall.appliedTo.some((known) => same(known, target))) {
        throw alreadyProtected(target.type === "server" ? target.server.id : 0);
      }
    }
    return targets.map((target) => {
      this.add(id, target);
      return this.actionOf("apply_firewall", id, target);
    });
  }

  remove(id: number, targets: readonly FirewallTarget[]): ActionRecord[] {
    const firewall = this.get(id);
    for (const target of targets) {
      if (!firewall.appliedTo.some((known) => same(known, target))) throw notProtected();
    }
    firewall.appliedTo = firewall.appliedTo.filter((known) => !targets.some((target) => same(known, target)));
    this.state.changed();
    return targets.map((target) => this.actionOf("remove_firewall", id, target));
  }

  add(id: number, target: FirewallTarget): void {
    this.get(id).appliedTo.push(target);
    this.state.changed();
  }

  /** A server is gone. */
  forget(server: number): void {
    for (const firewall of this.state.firewalls.values()) {
      firewall.appliedTo = firewall.appliedTo.filter(
        (target) => target.type !== "server" || target.server.id !== server,
      );
    }
    this.state.changed();
  }

  /** By name, and by what its labels say. */
  of(server: { id: number; labels: Record<string, string> }): FirewallRecord[] {
    return [...this.state.firewalls.values()].filter(({ appliedTo }) =>
      appliedTo.some((target) =>
        target.type === "server"
          ? target.server.id === server.id
          : selector(target.label_selector.selector)(server.labels),
      ),
    );
  }

  private actionOf(command: string, id: number, target: FirewallTarget): ActionRecord {
    const server = target.type === "server" ? [{ type: "server" as const, id: target.server.id }] : [];
    return this.actions.done(command, [{ type: "firewall", id }, ...server]);
  }
}

function same(a: FirewallTarget, b: FirewallTarget): boolean {
  if (a.type === "server" && b.type === "server") return a.server.id === b.server.id;
  if (a.type === "label_selector" && b.type === "label_selector") {
    return a.label_selector.selector === b.label_selector.selector;
  }
  return false;
}
