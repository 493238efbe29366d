import { readConfig } from "../../../src/env.ts";
import { challengeText, type FromHost, SUBPROTOCOL, type ToHost } from "../../../src/host/protocol.ts";
import { newInstanceId } from "../../../src/ids.ts";
import { deriveEnrolmentSecret } from "../../../src/providers/hetzner/derive.ts";
import type { MachineRecipe } from "../../../src/providers/provider.ts";
import { recipeContext, seal } from "../../../src/secrets/seal.ts";
import { type Answer, aCommand, call, env, stubOf, worker } from "../harness.ts";

export const RECIPE: MachineRecipe = {
  id: "rcp_1",
  image: "gentity/probe@sha256:00",
  command: ["serve"],
  dataPath: "/data",
  port: 8080,
  env: { MODEL_KEY: "sk-of-the-owner" },
  files: [],
};

/** An instance on a server of our own, as its object has it when the server first boots. */
export async function hetznerInstance(): Promise<string> {
  const id = newInstanceId();
  const sealedRecipe = await seal(readConfig(env).sealingKeys, recipeContext(id), JSON.stringify(RECIPE));
  await stubOf(id).create(aCommand({ id, provider: "hetzner", sealedRecipe }));
  return id;
}

export interface Key {
  publicKey: string;
  sign: (text: string) => Promise<string>;
}

const base64url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

export async function newKey(): Promise<Key> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  return {
    publicKey: base64url((await crypto.subtle.exportKey("raw", pair.publicKey)) as ArrayBuffer),
    sign: async (text) =>
      base64url(await crypto.subtle.sign("Ed25519", pair.privateKey, new TextEncoder().encode(text))),
  };
}

export async function enrol(instanceId: string, key: Key, secret?: string): Promise<Answer> {
  const body = {
    instanceId,
    secret: secret ?? (await deriveEnrolmentSecret("host-secret-of-the-tests", instanceId)),
    publicKey: key.publicKey,
  };
  return call("POST", "/api/host/enrol", { body });
}

/** The other end of a host's connection: what it is told, in order. */
export class Channel {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number }>;
  private readonly frames: ToHost[] = [];
  private wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve({ code }));
    });
    socket.addEventListener("message", ({ data }) => {
      this.frames.push(JSON.parse(String(data)) as ToHost);
      this.wake();
    });
    socket.accept();
  }

  send(frame: FromHost): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The next frame of this type; others before it are dropped. */
  async next<T extends ToHost["type"]>(type: T): Promise<Extract<ToHost, { type: T }>> {
    for (;;) {
      const frame = this.frames.shift();
      if (frame?.type === type) {
        return frame as Extract<ToHost, { type: T }>;
      }
      if (!frame) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }
}

export async function openChannel(instanceId: string): Promise<Channel | Response> {
  const response = await worker.fetch(`http://localhost/api/host/channel?instance=${instanceId}`, {
    headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": SUBPROTOCOL },
  });
  return response.webSocket ? new Channel(response.webSocket) : response;
}

/** Connects and proves with this key. */
export async function connect(instanceId: string, key: Key, signedFor = instanceId): Promise<Channel> {
  const channel = (await openChannel(instanceId)) as Channel;
  const { nonce } = await channel.next("challenge");
  channel.send({ type: "proof", signature: await key.sign(challengeText(signedFor, nonce)) });
  return channel;
}

/** A host that has enrolled, is connected, and says that its agent runs. */
export async function runningHost(): Promise<{ id: string; key: Key; channel: Channel }> {
  const id = await hetznerInstance();
  const key = await newKey();
  await enrol(id, key);
  const channel = await connect(id, key);
  const { assignment } = await channel.next("welcome");
  const { generation, desired } = assignment;
  channel.send({
    type: "heartbeat",
    agent: { state: "running", recipeId: "rcp_1", since: 1 },
    assigned: { generation, desired },
    busy: [],
  });
  await channel.next("heartbeat-ack");
  return { id, key, channel };
}
