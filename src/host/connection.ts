import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { backoffMs } from "../backoff.ts";
import type { HostConfig } from "./config.ts";
import type { Identity } from "./identity.ts";
import {
  CLOSE,
  challengeText,
  type FromHost,
  parseFrame,
  SILENCE_MS,
  SUBPROTOCOL,
  type ToHost,
  ToHostSchema,
} from "./protocol.ts";

const CONNECT_MS = 20_000;
const LOOK_MS = 5_000;
const MAX_PAUSE_MS = 30_000;
/** After a refusal that only a person, or a new server, can change. */
const REFUSED_PAUSE_MS = 60_000;
const REFUSALS: readonly number[] = [CLOSE.unauthorized, CLOSE.noInstance, CLOSE.replaced];
/** More than this on its way, and whoever produces it waits. */
const CONGESTED_BYTES = 1024 * 1024;
const DRAIN_LOOK_MS = 20;

export interface ConnectionEvents {
  onFrame: (frame: ToHost) => void;
  onLost: () => void;
  log: (level: "info" | "warn", message: string) => void;
}

/** The control plane understood and refused. */
class RefusedError extends Error {}

/** The one connection to the control plane. It is opened from here, and opened again for ever. */
export class Connection {
  private readonly config: HostConfig;
  private readonly identity: Identity;
  private readonly events: ConnectionEvents;
  private socket: WebSocket | undefined;
  private isEnrolled = false;
  private isProven = false;
  private isOver = false;

  constructor(config: HostConfig, identity: Identity, events: ConnectionEvents) {
    this.config = config;
    this.identity = identity;
    this.events = events;
  }

  /** Until `close`. */
  async run(): Promise<void> {
    for (let attempts = 1; !this.isOver; attempts++) {
      let cap = MAX_PAUSE_MS;
      try {
        if (!this.isEnrolled) await this.enrol();
        const { code, reason } = await this.serve();
        this.events.log(
          "info",
          `the connection to the control plane ended (${code}${reason && `: ${reason}`})`,
        );
        if (REFUSALS.includes(code)) cap = REFUSED_PAUSE_MS;
      } catch (error) {
        const { message } = error as Error;
        this.events.log("warn", `the control plane cannot be reached: ${message}`);
        if (error instanceof RefusedError) cap = REFUSED_PAUSE_MS;
      }
      if (this.isProven) attempts = 1;
      this.isProven = false;
      if (!this.isOver) await sleep(backoffMs(attempts, cap, Math.random()), undefined, { ref: true });
    }
  }

  /** @returns whether it left; nothing is kept for later. */
  send(frame: FromHost): boolean {
    if (!this.isProven || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  get isCongested(): boolean {
    return (this.socket?.bufferedAmount ?? 0) > CONGESTED_BYTES;
  }

  /** Resolves once there is room again, or nobody to send it to. */
  async room(): Promise<void> {
    while (this.isCongested && this.socket?.readyState === WebSocket.OPEN) await sleep(DRAIN_LOOK_MS);
  }

  close(): void {
    this.isOver = true;
    this.socket?.close(1001, "the host program ends");
  }

  /** The same key may be shown again: the answer to the first time may have been lost. */
  private async enrol(): Promise<void> {
    const { controlUrl, instanceId, enrolmentSecret } = this.config;
    const answer = await fetch(`${controlUrl}/api/host/enrol`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ instanceId, secret: enrolmentSecret, publicKey: this.identity.publicKey }),
      signal: AbortSignal.timeout(CONNECT_MS),
    });
    await answer.arrayBuffer();
    if (answer.status === 401 || answer.status === 409) {
      throw new RefusedError(`it refused to enrol this server (${answer.status})`);
    }
    if (!answer.ok) throw new Error(`it answered ${answer.status} to the enrolment`);
    this.isEnrolled = true;
  }

  private serve(): Promise<{ code: number; reason: string }> {
    const { controlUrl, instanceId } = this.config;
    const url = `${controlUrl.replace(/^http/, "ws")}/api/host/channel?instance=${instanceId}`;
    const socket = new WebSocket(url, SUBPROTOCOL, { handshakeTimeout: CONNECT_MS });
    this.socket = socket;
    let heardAt = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - heardAt > SILENCE_MS) socket.terminate();
    }, LOOK_MS);
    return new Promise((resolve, reject) => {
      socket.on("message", (data) => {
        heardAt = Date.now();
        const frame = parseFrame(ToHostSchema, data);
        if (frame) this.take(frame);
      });
      socket.on("unexpected-response", (_, answer) => {
        answer.resume();
        // It forgot who we are: the secret may still be good.
        if (answer.statusCode === 401) this.isEnrolled = false;
        reject(new Error(`it answered ${answer.statusCode} to the connection`));
        socket.terminate();
      });
      socket.on("error", reject);
      socket.on("close", (code, reason) => {
        clearInterval(watch);
        if (this.isProven) this.events.onLost();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  private take(frame: ToHost): void {
    if (frame.type === "challenge") {
      const text = challengeText(this.config.instanceId, frame.nonce);
      const proof: FromHost = { type: "proof", signature: this.identity.sign(text) };
      this.socket?.send(JSON.stringify(proof));
      return;
    }
    if (frame.type === "welcome") this.isProven = true;
    this.events.onFrame(frame);
  }
}
