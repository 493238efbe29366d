/** One connection to the edge: registered, serving, and ended. */
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { connect, type Socket } from "node:net";
import {
  CONTROL_HEADER,
  CONTROL_VALUE,
  type FromConnector,
  type FromEdge,
  fromEdgeSchema,
  keepAlive,
  proofOf,
  readMessages,
  SESSION_OPTIONS,
  type WireConfiguration,
  writeLine,
} from "../wire.ts";
import { serveStream } from "./origin.ts";
import type { Credentials } from "./token.ts";

export const VERSION = "2026.8.1-standin";

export interface ConnectionOptions {
  edge: { host: string; port: number };
  credentials: Credentials;
  connectorId: string;
  portMapFile: string | undefined;
  log: (text: string) => void;
}

export interface Connection {
  /** Resolves when it is over: whether it ever served, and why it ended. */
  closed: Promise<{ served: boolean; reason: string }>;
  /** Takes nothing new, and closes when everything under way is done. */
  drain(): void;
}

const CONNECT_MS = 10_000;

export function openConnection(options: ConnectionOptions): Connection {
  const { edge, log } = options;
  const socket = connect({ host: edge.host, port: edge.port });
  socket.setNoDelay(true);
  const state = new ConnectionState(options, socket);
  socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error("the edge does not answer")));
  socket.once("connect", () => socket.setTimeout(0));
  socket.once("connect", () => state.begin());
  const closed = new Promise<{ served: boolean; reason: string }>((resolve) => {
    socket.on("error", (error) => state.because(error.message));
    socket.once("close", () => resolve({ served: state.served, reason: state.reason }));
  });
  return {
    closed,
    drain: () => {
      log("INF Initiating graceful shutdown ...");
      state.drain();
    },
  };
}

class ConnectionState {
  served = false;
  reason = "the connection was closed";
  private readonly options: ConnectionOptions;
  private readonly socket: Socket;
  private session: ServerHttp2Session | undefined;
  private control: ServerHttp2Stream | undefined;
  private configuration: WireConfiguration = { version: 0, ingress: [] };
  private readonly active = new Set<ServerHttp2Stream>();
  private isDraining = false;
  private isUnregistered = false;

  constructor(options: ConnectionOptions, socket: Socket) {
    this.options = options;
    this.socket = socket;
  }

  because(reason: string): void {
    this.reason = reason;
  }

  begin(): void {
    const session = performServerHandshake(this.socket, SESSION_OPTIONS);
    this.session = session;
    session.on("error", (error) => {
      this.because(error.message);
      session.destroy();
    });
    session.on("close", () => this.socket.destroy());
    keepAlive(session);
    session.on("stream", (stream, headers) => {
      if (headers[CONTROL_HEADER] === CONTROL_VALUE && this.control === undefined) {
        this.listen(stream);
        return;
      }
      this.active.add(stream);
      stream.once("close", () => {
        this.active.delete(stream);
        this.finishDraining();
      });
      const { portMapFile, log } = this.options;
      const { ingress: rules } = this.configuration;
      serveStream(stream, headers, { rules, portMapFile, log }).catch((error) => {
        log(`ERR error="${error instanceof Error ? error.message : String(error)}"`);
        stream.destroy();
      });
    });
  }

  drain(): void {
    this.isDraining = true;
    if (!this.served) this.socket.destroy();
    else this.say({ type: "unregister" });
  }

  private listen(control: ServerHttp2Stream): void {
    this.control = control;
    control.on("error", () => {});
    control.on("close", () => this.session?.destroy());
    control.respond({ ":status": 200 });
    readMessages(control, fromEdgeSchema, {
      onMessage: (message) => this.hear(message),
      onError: (reason) => {
        this.because(`the edge said what is not understood: ${reason}`);
        this.session?.destroy();
      },
    });
  }

  private hear(message: FromEdge): void {
    const { credentials, connectorId, edge, log } = this.options;
    switch (message.type) {
      case "hello":
        this.say({
          type: "register",
          account: credentials.account,
          tunnel: credentials.tunnel,
          proof: proofOf(credentials.secret, message.nonce),
          connector: connectorId,
          version: VERSION,
          arch: `${process.platform}_${process.arch}`,
        });
        return;
      case "registered":
        this.served = true;
        log(
          `INF Registered tunnel connection connIndex=0 connection=${message.connection} event=0 ip=${edge.host} location=${message.location} protocol=http2`,
        );
        this.configure(message.configuration);
        if (this.isDraining) this.drain();
        return;
      case "refused":
        this.because(message.reason);
        log(
          `ERR Register tunnel error from server side error="${message.reason}" connIndex=0 event=0 ip=${edge.host}`,
        );
        this.control?.end();
        return;
      case "configuration":
        this.configure(message.configuration);
        return;
      case "unregistered":
        this.isUnregistered = true;
        log(`INF Unregistered tunnel connection connIndex=0 event=0 ip=${edge.host}`);
        this.finishDraining();
        return;
      default:
        message satisfies never;
    }
  }

  private configure(configuration: WireConfiguration): void {
    this.configuration = configuration;
    this.options.log(
      `INF Updated to new configuration config=${JSON.stringify(JSON.stringify({ ingress: configuration.ingress }))} version=${configuration.version}`,
    );
    this.say({ type: "configured", version: configuration.version });
  }

  private finishDraining(): void {
    if (this.isUnregistered && this.active.size === 0) this.session?.destroy();
  }

  private say(message: FromConnector): void {
    if (this.control && !this.control.destroyed) this.control.write(writeLine(message));
  }
}
