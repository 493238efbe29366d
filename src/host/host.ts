import { AgentKeeper } from "./agent/keeper.ts";
import { Commands } from "./commands.ts";
import type { HostConfig } from "./config.ts";
import { Connection } from "./connection.ts";
import { loadIdentity } from "./identity.ts";
import { LogShipper } from "./log-shipper.ts";
import { type Assignment, HEARTBEAT_MS, type ToHost } from "./protocol.ts";
import { Tunnel } from "./tunnel.ts";

/** What the agent said last is to arrive before its end is told. */
const DRAIN_MS = 5_000;

/** Everything that runs on the server, put together. */
export class Host {
  private readonly connection: Connection;
  private readonly shipper: LogShipper;
  private readonly keeper: AgentKeeper;
  private readonly commands: Commands;
  private readonly tunnel: Tunnel;
  private quiescing: Promise<void> | undefined;

  constructor(config: HostConfig, dockerHost: string | undefined) {
    this.shipper = new LogShipper(config.stateDir, (batch) => this.connection.send(batch));
    const { log } = this.shipper;
    this.connection = new Connection(config, loadIdentity(config.stateDir), {
      onFrame: (frame) => this.take(frame),
      onLost: () => this.commands.hangUpTerminals(),
      log,
    });
    this.keeper = new AgentKeeper({
      config,
      dockerHost,
      log,
      output: { add: (line) => this.shipper.add(line), position: () => this.shipper.position() },
      onChange: () => this.beat(),
    });
    this.commands = new Commands(this.keeper, this.connection, () => this.beat());
    this.tunnel = new Tunnel(config.stateDir, log);
  }

  /** Until `close`. */
  async run(): Promise<void> {
    const heart = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.shipper.log("info", "the host program runs");
    await Promise.race([this.connection.run(), this.keeper.run(), this.tunnel.run()]);
    clearInterval(heart);
  }

  /** The agent and its tunnel go on. */
  close(): void {
    this.connection.close();
  }

  private beat(): void {
    const { report, assigned } = this.keeper;
    this.connection.send({ type: "heartbeat", agent: report, assigned, busy: this.commands.busy });
  }

  private take(frame: ToHost): void {
    switch (frame.type) {
      case "welcome":
        this.assign(frame.assignment);
        break;
      case "logs-ack":
        this.shipper.acknowledge(frame.seq);
        break;
      case "exec":
        void this.commands.exec(frame);
        break;
      case "pty-open":
        void this.commands.openPty(frame);
        break;
      case "signal":
      case "pty-input":
      case "pty-resize":
      case "pty-close":
        this.commands.control(frame);
        break;
      case "quiesce":
        void this.quiesce(frame.id);
        break;
      case "challenge":
      case "heartbeat-ack":
        break;
      default:
        frame satisfies never;
    }
  }

  private assign(assignment: Assignment): void {
    this.keeper.assign(assignment);
    this.tunnel.set(assignment.desired === "running" ? assignment.tunnelToken : null);
    this.beat();
    this.shipper.resume();
  }

  /** Asked again while it is at it, it is the same end. */
  private async quiesce(id: string): Promise<void> {
    this.quiescing ??= this.keeper.quiesce().finally(() => {
      this.quiescing = undefined;
    });
    try {
      await this.quiescing;
      await this.shipper.drained(DRAIN_MS);
      this.connection.send({ type: "quiesced", id });
      this.tunnel.set(null);
    } catch (error) {
      const message = (error as Error).message.slice(0, 300);
      this.connection.send({ type: "refused", id, code: "failed", message });
    }
  }
}
