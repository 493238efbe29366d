import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import {
  type AgentReport,
  type Busy,
  CLOSE,
  challengeText,
  type FromHost,
  FromHostSchema,
  isSameAssigned,
  parseFrame,
  SILENCE_MS,
  SUBPROTOCOL,
} from "../host/protocol.ts";
import { newExecId } from "../ids.ts";
import { instanceStub } from "../instance/stub.ts";
import { describeError, logEvent } from "../log.ts";
import type { ExecRequest, ExecResult, LogPage, Outcome } from "../providers/provider.ts";
import { openAssignment } from "../provisioning/host/assignment.ts";
import { isSignedBy } from "./proof.ts";
import { openPty, PTY_PATH, toHostFrame } from "./pty.ts";
import { Requests } from "./requests.ts";
import { type HostConnection, Sockets, sendFrame } from "./sockets.ts";
import { HostStore } from "./store.ts";

export type Enrolment =
  | { type: "enrolled" }
  /** It was so already: the answer to the first time was lost. */
  | { type: "known" }
  /** Another key has it. `isNews`: it is to be written down. */
  | { type: "refused"; isNews: boolean };

/** What the host said last, and whether it is there to be asked. */
export interface HostStatus {
  enrolled: boolean;
  connected: boolean;
  agent: AgentReport | null;
  seenAt: number | null;
  busy: Busy[];
}

/** Somebody who tries again and again is written down once in so long. */
const REFUSAL_EVERY_MS = 60_000;
/** Besides the command's own time: the way there and back. */
const EXEC_MARGIN_MS = 15_000;
/** When to look again for a host that is away. */
const RECONNECT_MS = 500;
const MOST_AWAY_MS = 30_000;
/** Shorter than any caller waits; the host goes on with it all the same. */
const QUIESCE_HOLD_MS = 20_000;

/**
 * The control plane's end of one instance's host program. Its duties:
 * 1. It knows the one key that enrolled, and lets nobody else in.
 * 2. It hands the host what it is to run, opened for that moment and never kept.
 * 3. It passes requests to the host, and the answers back.
 * 4. It keeps the last lines of the log, and what the host said last.
 * Connections outlive it: whatever is needed after an eviction is with them or in its storage.
 */
export class HostObject extends DurableObject<Env> {
  private readonly store = new HostStore(this.ctx.storage.sql);
  private readonly sockets = new Sockets(this.ctx);
  private readonly requests = new Requests();
  /** When a command first found nobody there to be asked. */
  private awaySince: number | undefined;

  private get instanceId(): string {
    return this.ctx.id.name ?? "";
  }

  /** Whoever asks has shown the instance's enrolment secret. */
  async enrol(publicKey: string): Promise<Enrolment> {
    const known = this.store.host();
    if (!known) {
      this.store.enrol(publicKey, Date.now());
      return { type: "enrolled" };
    }
    if (known.publicKey === publicKey) {
      return { type: "known" };
    }
    const now = Date.now();
    const isNews = now - (known.refusedAt ?? 0) >= REFUSAL_EVERY_MS;
    if (isNews) {
      this.store.markRefused(now);
    }
    return { type: "refused", isNews };
  }

  /** A WebSocket: of the host itself, or, from within the control plane, of somebody at a terminal. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return new Response(null, { status: 426 });
    }
    if (new URL(request.url).pathname === PTY_PATH) {
      return openPty(this.sockets, this.running(), request);
    }
    if (!this.store.host()) {
      return new Response(null, { status: 401 });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    const nonce = crypto.randomUUID();
    this.sockets.acceptHost(server, nonce);
    sendFrame(server, { type: "challenge", nonce });
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "Sec-WebSocket-Protocol": SUBPROTOCOL },
    });
  }

  /** What it is, after telling the host anew where it was told something else than it is to do now. */
  async report(): Promise<HostStatus> {
    const host = this.store.host();
    const connection = this.sockets.host();
    const seenAt = connection?.state.seenAt ?? host?.seenAt ?? null;
    const connected = connection !== undefined && Date.now() - connection.state.seenAt < SILENCE_MS;
    const busy = connected ? connection.state.busy : [];
    if (connected) {
      await this.refresh(connection);
    }
    return { enrolled: host !== undefined, connected, agent: this.agent(), seenAt, busy };
  }

  /** @param id by which the command can be signalled while it runs */
  async exec(
    { command, stdin, timeoutSeconds }: ExecRequest,
    id = newExecId(),
  ): Promise<Outcome<ExecResult>> {
    if (this.store.host()?.agent?.state !== "running") {
      return { type: "rejected", code: "not_running", message: "The agent does not run at the moment" };
    }
    const connection = this.sockets.host();
    if (!connection) {
      return this.whileAway();
    }
    const answer = this.requests.exec(id, timeoutSeconds * 1_000 + EXEC_MARGIN_MS);
    sendFrame(connection.socket, {
      type: "exec",
      id,
      command,
      ...(stdin === undefined ? {} : { stdin }),
      timeoutSeconds,
    });
    return answer;
  }

  /** A restart of the host, or ours, takes seconds, and the agent runs on meanwhile; a server that failed stays away. */
  private whileAway(): Outcome<never> {
    const message = "The server's host program is not connected at the moment";
    this.awaySince ??= Date.now();
    return Date.now() - this.awaySince < MOST_AWAY_MS
      ? { type: "retry", afterMs: RECONNECT_MS, cause: message }
      : { type: "rejected", code: "not_running", message };
  }

  /** To a command that runs; whoever waits for one that has ended is told how. */
  async signal(id: string, signal: string): Promise<void> {
    const host = this.sockets.host();
    if (host) {
      sendFrame(host.socket, { type: "signal", id, signal });
    }
  }

  async logs({ cursor }: { cursor?: string }): Promise<LogPage> {
    const { lines, next } = this.store.logsFrom(Number(cursor ?? 0) || 0);
    return {
      lines: lines.map(({ at, level, message }) => ({
        timestamp: new Date(at).toISOString(),
        level,
        message,
        instance: this.instanceId,
        region: "",
      })),
      cursor: String(next),
    };
  }

  /** Asks for an orderly end of the agent; ok as well when nobody is there to be asked. */
  async quiesce(): Promise<Outcome<void>> {
    const connection = this.sockets.host();
    if (!connection) {
      return { type: "ok", value: undefined };
    }
    const id = newExecId();
    const answer = this.requests.quiesce(id, QUIESCE_HOLD_MS);
    sendFrame(connection.socket, { type: "quiesce", id });
    const outcome = await answer;
    // What it said before its end must not pass for news of the next boot.
    if (outcome.type === "ok") {
      this.store.setAgent({ state: "stopped", since: Date.now() }, Date.now());
    }
    return outcome;
  }

  /** The server is gone: nothing of it is left here, and the instance's next server enrols anew. */
  async forget(): Promise<void> {
    for (const { socket } of this.sockets.hosts()) {
      socket.close(CLOSE.noInstance, "the server is gone");
    }
    this.sockets.closePtys(CLOSE.noInstance, "the server is gone");
    await this.ctx.storage.deleteAll();
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const pty = this.sockets.ptyIdOf(socket);
    if (pty !== undefined) {
      const frame = toHostFrame(pty, message);
      const host = this.sockets.host();
      if (frame && host) {
        sendFrame(host.socket, frame);
      }
      return;
    }
    const frame = parseFrame(FromHostSchema, message);
    const state = this.sockets.stateOf(socket);
    if (!frame || !state) {
      socket.close(CLOSE.badFrame, "not a frame of this protocol");
    } else if (state.proven) {
      this.take({ socket, state }, frame);
    } else if (frame.type === "proof") {
      await this.prove({ socket, state }, frame.signature);
    } else {
      socket.close(CLOSE.unauthorized, "prove yourself first");
    }
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    this.close(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.close(socket);
  }

  private close(socket: WebSocket): void {
    const pty = this.sockets.ptyIdOf(socket);
    if (pty !== undefined) {
      const host = this.sockets.host();
      if (host) {
        sendFrame(host.socket, { type: "pty-close", id: pty });
      }
      return;
    }
    const state = this.sockets.stateOf(socket);
    const newer = this.sockets.host();
    if (!state?.proven || (newer && newer.socket !== socket)) {
      return;
    }
    if (this.store.host()) {
      this.store.setSeen(state.seenAt);
    }
    this.requests.loseAll();
    this.sockets.closePtys(1012, "the host's connection broke");
  }

  private async prove({ socket, state }: HostConnection, signature: string): Promise<void> {
    const host = this.store.host();
    const text = challengeText(this.instanceId, state.nonce);
    if (!host || !(await isSignedBy(host.publicKey, signature, text))) {
      socket.close(CLOSE.unauthorized, "the proof does not hold");
      return;
    }
    const older = this.sockets.host();
    this.awaySince = undefined;
    this.sockets.update(socket, { ...state, proven: true, seenAt: Date.now() });
    if (older && older.socket !== socket) {
      this.sockets.update(older.socket, { ...older.state, proven: false });
      older.socket.close(CLOSE.replaced, "a newer connection took this one's place");
      this.requests.loseAll();
      this.sockets.closePtys(1012, "the host's connection broke");
    }
    logEvent("host.connected", { instanceId: this.instanceId });
    await this.refresh({ socket, state: { ...state, proven: true } });
  }

  /** What a host says of an earlier assignment, or said before it connected anew, is no news of what it is at now. */
  private agent(): AgentReport | null {
    const agent = this.store.host()?.agent ?? null;
    const state = this.sockets.host()?.state;
    const isNews = !state || (state.heard !== null && isSameAssigned(state.heard, state.assigned));
    return isNews ? agent : { state: "preparing", since: Date.now() };
  }

  /** Tells the host what it is to do, if that is not what it was told last. */
  private async refresh({ socket, state }: HostConnection): Promise<void> {
    try {
      const brief = await instanceStub(this.env, this.instanceId).hostBrief();
      if (!brief) {
        socket.close(CLOSE.noInstance, "there is no such instance");
        return;
      }
      const { generation, desired } = brief;
      if (isSameAssigned(state.assigned, { generation, desired })) {
        return;
      }
      const assignment = await openAssignment(this.env, brief);
      const current = this.sockets.stateOf(socket) ?? state;
      this.sockets.update(socket, { ...current, assigned: { generation, desired } });
      sendFrame(socket, { type: "welcome", assignment });
    } catch (error) {
      logEvent("host.unassigned", {
        level: "error",
        instanceId: this.instanceId,
        cause: describeError(error),
      });
      socket.close(1011, "try again later");
    }
  }

  private take({ socket, state }: HostConnection, frame: FromHost): void {
    this.sockets.update(socket, { ...state, seenAt: Date.now() });
    switch (frame.type) {
      case "heartbeat":
        this.sockets.update(socket, {
          ...state,
          seenAt: Date.now(),
          busy: frame.busy,
          heard: frame.assigned,
        });
        this.takeAgent(frame.agent);
        sendFrame(socket, { type: "heartbeat-ack" });
        break;
      case "logs":
        this.store.appendLogs({ ...frame, lines: withLoss(frame) });
        sendFrame(socket, { type: "logs-ack", seq: frame.seq });
        break;
      case "output":
      case "exit":
      case "quiesced":
        this.requests.take(frame);
        break;
      case "refused":
        this.requests.take(frame);
        this.sockets.pty(frame.id)?.close(CLOSE.badFrame, frame.message.slice(0, 120));
        break;
      case "pty-output":
        this.sockets.pty(frame.id)?.send(fromBase64(frame.data));
        break;
      case "pty-exit": {
        const terminal = this.sockets.pty(frame.id);
        terminal?.send(JSON.stringify({ exitCode: frame.exitCode, signal: frame.signal ?? null }));
        terminal?.close(1000, "the shell ended");
        break;
      }
      case "proof":
        break;
      default:
        frame satisfies never;
    }
  }

  /** Kept when it changed. An agent that has ended is looked at now, not at the next check. */
  private takeAgent(agent: AgentReport | null): void {
    const before = this.store.host()?.agent ?? null;
    if (JSON.stringify(before) === JSON.stringify(agent)) {
      return;
    }
    this.store.setAgent(agent, Date.now());
    if (agent?.state === "exited" && before?.state !== "exited") {
      this.ctx.waitUntil(
        instanceStub(this.env, this.instanceId)
          .doubt()
          .catch((error: unknown) => {
            logEvent("host.undoubted", { instanceId: this.instanceId, cause: describeError(error) });
          }),
      );
    }
  }

  /** The host, if something can be run in its agent. */
  private running(): HostConnection | undefined {
    const connection = this.sockets.host();
    return this.store.host()?.agent?.state === "running" ? connection : undefined;
  }
}

function withLoss({ lines, lost }: Extract<FromHost, { type: "logs" }>) {
  if (lost === 0) {
    return lines;
  }
  const message = `${lost} lines before this one were lost: they came faster than they could be sent`;
  return [
    { at: lines[0]?.at ?? Date.now(), source: "host" as const, level: "warn" as const, message },
    ...lines,
  ];
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
