import type { Assigned, Busy, ToHost } from "../host/protocol.ts";

/** What a host's connection carries through hibernation. At most 2 KiB. */
export interface HostState {
  nonce: string;
  proven: boolean;
  /** What it was told last. */
  assigned: Assigned | null;
  /** What its last heartbeat was about; null before the first one. */
  heard: Assigned | null;
  seenAt: number;
  busy: Busy[];
}

const HOST = "host";
const PTY = "pty";
/** Connections that have not proved themselves yet; anybody can open one. */
const MAX_UNPROVEN = 4;
/** As many as find room in what a connection carries. */
const MAX_BUSY = 10;

export interface HostConnection {
  socket: WebSocket;
  state: HostState;
}

/** The object's connections: to its host, and from those who look at a terminal. All of them outlive the object in memory. */
export class Sockets {
  private readonly ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.ctx = ctx;
  }

  acceptHost(socket: WebSocket, nonce: string): void {
    const unproven = this.hosts().filter(({ state }) => !state.proven);
    for (const { socket: surplus } of unproven.slice(0, Math.max(0, unproven.length - MAX_UNPROVEN + 1))) {
      surplus.close(1013, "too many connections that prove nothing");
    }
    this.ctx.acceptWebSocket(socket, [HOST]);
    this.update(socket, { nonce, proven: false, assigned: null, heard: null, seenAt: Date.now(), busy: [] });
  }

  acceptPty(socket: WebSocket, id: string): void {
    this.ctx.acceptWebSocket(socket, [PTY, `${PTY}:${id}`]);
    socket.serializeAttachment({ pty: id });
  }

  /** Undefined for the socket of a terminal. */
  stateOf(socket: WebSocket): HostState | undefined {
    const attachment = socket.deserializeAttachment() as HostState | { pty: string };
    return "pty" in attachment ? undefined : attachment;
  }

  ptyIdOf(socket: WebSocket): string | undefined {
    const attachment = socket.deserializeAttachment() as HostState | { pty: string };
    return "pty" in attachment ? attachment.pty : undefined;
  }

  update(socket: WebSocket, state: HostState): void {
    socket.serializeAttachment({ ...state, busy: state.busy.slice(0, MAX_BUSY) });
  }

  /** The one that has proved itself. */
  host(): HostConnection | undefined {
    return this.hosts().find(({ state }) => state.proven);
  }

  hosts(): HostConnection[] {
    return this.ctx
      .getWebSockets(HOST)
      .filter(({ readyState }) => readyState === WebSocket.OPEN)
      .flatMap((socket) => {
        const state = this.stateOf(socket);
        return state ? [{ socket, state }] : [];
      });
  }

  pty(id: string): WebSocket | undefined {
    return this.ctx.getWebSockets(`${PTY}:${id}`)[0];
  }

  closePtys(code: number, reason: string): void {
    for (const socket of this.ctx.getWebSockets(PTY)) {
      socket.close(code, reason);
    }
  }
}

export function sendFrame(socket: WebSocket, frame: ToHost): void {
  socket.send(JSON.stringify(frame));
}
