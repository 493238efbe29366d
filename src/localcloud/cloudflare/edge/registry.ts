/** Which connectors are there, for each tunnel. */
import type { Links, LinkView } from "../cloud.ts";
import type { TunnelRecord } from "../records.ts";
import type { CloudflareStateFile } from "../state-file.ts";
import type { Link } from "./link.ts";

export class LinkRegistry implements Links {
  private readonly links = new Map<string, Set<Link>>();
  private readonly state: CloudflareStateFile;
  private turn = 0;

  constructor(state: CloudflareStateFile) {
    this.state = state;
  }

  add(link: Link): void {
    const { id } = link.tunnel;
    // It has one connection: the older one is dead, whether or not that shows yet.
    this.drop(id, link.view.connectorId);
    const links = this.links.get(id) ?? new Set();
    this.links.set(id, links.add(link));
    link.tunnel.activeAt ??= new Date().toISOString();
    this.state.changed();
  }

  remove(link: Link): void {
    const links = this.links.get(link.tunnel.id);
    if (!links?.delete(link) || links.size > 0) return;
    this.links.delete(link.tunnel.id);
    link.tunnel.inactiveAt = new Date().toISOString();
    this.state.changed();
  }

  of(tunnelId: string): LinkView[] {
    return [...(this.links.get(tunnelId) ?? [])].map((link) => link.view);
  }

  /** The connectors of a tunnel take turns; one that is ending gets nothing new. */
  pick(tunnelId: string): Link | undefined {
    const open = [...(this.links.get(tunnelId) ?? [])].filter((link) => link.isOpen);
    this.turn += 1;
    return open[this.turn % open.length];
  }

  drop(tunnelId: string, connectorId?: string): void {
    for (const link of [...(this.links.get(tunnelId) ?? [])]) {
      if (connectorId !== undefined && link.view.connectorId !== connectorId) continue;
      this.remove(link);
      link.close();
    }
  }

  push(tunnel: TunnelRecord): void {
    for (const link of this.links.get(tunnel.id) ?? []) link.configure();
  }

  closeAll(): void {
    for (const id of [...this.links.keys()]) this.drop(id);
  }
}
