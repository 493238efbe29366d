/** One connector's connection, from its first byte to its end. */
import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Socket } from "node:net";
import type { Log } from "../../log.ts";
import type { LinkView } from "../cloud.ts";
import type { TunnelRecord } from "../records.ts";
import {
  CONTROL_HEADER,
  CONTROL_VALUE,
  type FromConnector,
  type FromEdge,
  fromConnectorSchema,
  keepAlive,
  proofOf,
  readMessages,
  SESSION_OPTIONS,
  type WireConfiguration,
  writeLine,
} from "../wire.ts";
import type { LinkRegistry } from "./registry.ts";

/** Who has not registered by then is no connector. */
const REGISTER_MS = 10_000;
const LOCATION = "local01";

export interface LinkOptions {
  socket: Socket;
  registry: LinkRegistry;
  findTunnel: (id: string) => TunnelRecord | undefined;
  log: Log;
}

export interface Link {
  readonly tunnel: TunnelRecord;
  readonly session: ClientHttp2Session;
  readonly view: LinkView;
  /** Takes new requests. */
  readonly isOpen: boolean;
  /** Tells it the rules that hold now. */
  configure(): void;
  close(): void;
}

class ActiveLink implements Link {
  readonly tunnel: TunnelRecord;
  readonly session: ClientHttp2Session;
  readonly view: LinkView;
  private readonly control: ClientHttp2Stream;
  private isDraining = false;

  constructor(parts: {
    tunnel: TunnelRecord;
    session: ClientHttp2Session;
    view: LinkView;
    control: ClientHttp2Stream;
  }) {
    this.tunnel = parts.tunnel;
    this.session = parts.session;
    this.view = parts.view;
    this.control = parts.control;
  }

  get isOpen(): boolean {
    return !this.isDraining && !this.session.closed && !this.session.destroyed;
  }

  configure(): void {
    this.say({ type: "configuration", configuration: configurationOf(this.tunnel) });
  }

  drain(): void {
    this.isDraining = true;
    this.say({ type: "unregistered" });
  }

  say(message: FromEdge): void {
    if (!this.control.destroyed) this.control.write(writeLine(message));
  }

  close(): void {
    this.session.destroy();
  }
}

/** A tunnel without rules answers 503, as the vendor's does. */
function configurationOf({ configuration }: TunnelRecord): WireConfiguration {
  return {
    version: configuration?.version ?? 0,
    ingress: configuration?.config.ingress ?? [{ service: "http_status:503" }],
  };
}

/** Takes a connection in; what does not prove that it is a connector of a living tunnel is told so, and closed. */
export function acceptLink({ socket, registry, findTunnel, log }: LinkOptions): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  const session = connect("http://connector", { ...SESSION_OPTIONS, createConnection: () => socket });
  session.on("error", () => session.destroy());
  keepAlive(session);
  const nonce = randomBytes(16).toString("hex");
  const control = session.request({ ":method": "POST", ":path": "/", [CONTROL_HEADER]: CONTROL_VALUE });
  control.on("error", () => session.destroy());
  control.on("close", () => session.destroy());
  const deadline = setTimeout(() => session.destroy(), REGISTER_MS);
  session.once("close", () => {
    clearTimeout(deadline);
    socket.destroy();
  });
  control.write(writeLine({ type: "hello", nonce }));

  let link: ActiveLink | undefined;
  const register = (message: Extract<FromConnector, { type: "register" }>): void => {
    const tunnel = findTunnel(message.tunnel);
    const reason = refusal(tunnel, message, nonce);
    if (tunnel === undefined || reason !== undefined) {
      log("tunnel.refused", { tunnel: message.tunnel, reason });
      control.end(writeLine({ type: "refused", reason: reason ?? "" }));
      return;
    }
    clearTimeout(deadline);
    const view: LinkView = {
      id: randomUUID(),
      connectorId: message.connector,
      version: message.version,
      arch: message.arch,
      openedAt: new Date().toISOString(),
      originIp: socket.remoteAddress ?? "",
      configVersion: 0,
    };
    const made = new ActiveLink({ tunnel, session, view, control });
    link = made;
    registry.add(made);
    session.once("close", () => registry.remove(made));
    log("tunnel.connected", { tunnel: tunnel.id, connector: message.connector });
    made.say({
      type: "registered",
      connection: view.id,
      location: LOCATION,
      configuration: configurationOf(tunnel),
    });
  };
  readMessages(control, fromConnectorSchema, {
    onMessage: (message) => {
      if (message.type === "register" && link === undefined) register(message);
      else if (message.type === "configured" && link) link.view.configVersion = message.version;
      else if (message.type === "unregister") link?.drain();
    },
    onError: () => session.destroy(),
  });
}

function refusal(
  tunnel: TunnelRecord | undefined,
  { account, proof }: Extract<FromConnector, { type: "register" }>,
  nonce: string,
): string | undefined {
  if (tunnel === undefined || tunnel.deletedAt !== undefined || tunnel.accountId !== account) {
    return "Unauthorized: Tunnel not found";
  }
  const [sent, wanted] = [Buffer.from(proof), Buffer.from(proofOf(tunnel.secret, nonce))];
  const isProved = sent.length === wanted.length && timingSafeEqual(sent, wanted);
  return isProved ? undefined : "Unauthorized: Invalid tunnel secret";
}
