/** An instance as somebody outside reaches it: through the edge, by real sockets. On its machine runs the local cloud's probe. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { type ClientOptions, WebSocket } from "ws";
import { aider } from "../../src/catalog/agents/aider.ts";
import { AIDER, ask, type Stack, until } from "../e2e/stack.ts";

export interface Said {
  status: number;
  headers: IncomingMessage["headers"];
  rawHeaders: string[];
  trailers: IncomingMessage["trailers"];
  body: Buffer;
  text: string;
}

export interface Sent {
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

export type Kind = "fly" | "tunnel";

/** A release whose machines answer in every way; published once, so that instances of it are made as any other's. */
export async function publishProbe(stack: Stack): Promise<void> {
  const [shipped] = aider.releases;
  const { adminToken } = stack.local as unknown as { adminToken: string };
  const answer = await ask("POST", new URL("/api/admin/agents/aider/releases", stack.local.apiUrl), {
    headers: { authorization: `Bearer ${adminToken}` },
    body: {
      release: "probe",
      image: { repository: "gentity/probe", tag: "1", digest: `sha256:${"ab".repeat(32)}` },
      recipe: {
        dataPath: "/data",
        port: 8080,
        healthPath: "/",
        providers: shipped.recipe.providers,
        env: { PORT: "8080" },
        files: [],
      },
    },
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
}

export class Place {
  readonly stack: Stack;
  readonly id: string;
  readonly host: string;

  private constructor(stack: Stack, { id, subdomain }: { id: string; subdomain: string }) {
    this.stack = stack;
    this.id = id;
    this.host = `${subdomain}.gentity.localhost:${stack.port}`;
  }

  static async make(stack: Stack, kind: Kind): Promise<Place> {
    const asked = { ...AIDER, provider: kind === "fly" ? "fly" : "hetzner", name: kind };
    const { body: made, text } = await stack.api("POST", "/api/instances?wait=60", asked);
    if (made?.id === undefined) throw new Error(text);
    await stack.reach(made.id, "running");
    const place = new Place(stack, made);
    await until(`the ${kind} instance to answer`, async () => (await place.ask("GET", "/")).text === "ok");
    return place;
  }

  get publicOrigin(): string {
    return `http://${this.host}`;
  }

  /** A request that is not ended yet. */
  begin(method: string, path: string, headers: Sent["headers"] = {}): ClientRequest {
    const { port } = this.stack;
    return request({
      ...{ hostname: "127.0.0.1", port, path, method, agent: false, setHost: false },
      headers: { host: this.host, ...headers },
    });
  }

  /** The head of its answer. */
  async answerTo(begun: ClientRequest): Promise<IncomingMessage> {
    const [answer] = (await once(begun, "response")) as [IncomingMessage];
    return answer;
  }

  async ask(method: string, path: string, { headers, body }: Sent = {}): Promise<Said> {
    const begun = this.begin(method, path, headers);
    const head = this.answerTo(begun);
    begun.end(body);
    const answer = await head;
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    const whole = Buffer.concat(parts);
    const { statusCode = 0, trailers, rawHeaders } = answer;
    return {
      status: statusCode,
      headers: answer.headers,
      rawHeaders,
      trailers,
      body: whole,
      text: String(whole),
    };
  }

  async json(path: string, sent: Sent & { method?: string } = {}): Promise<any> {
    const { status, text } = await this.ask(sent.method ?? "GET", path, sent);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** Bytes as they are, on a connection of their own. */
  async raw(): Promise<Socket> {
    const socket = connect({ port: this.stack.port, host: "127.0.0.1" });
    await once(socket, "connect");
    return socket;
  }

  async socket(path = "/ws", options: ClientOptions = {}, protocols: string[] = []): Promise<WebSocket> {
    const socket = this.dial(path, options, protocols);
    await once(socket, "open");
    return socket;
  }

  dial(path: string, options: ClientOptions = {}, protocols: string[] = []): WebSocket {
    const headers = { host: this.host, origin: this.publicOrigin, ...options.headers };
    return new WebSocket(`ws://127.0.0.1:${this.stack.port}${path}`, protocols, { ...options, headers });
  }

  /** A room of the probe's that nobody else is in. */
  room(): Room {
    return new Room(this);
  }
}

/** Where the agent's answers wait until they are told to go on. */
export class Room {
  readonly name = randomUUID();
  private readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  tell(text: string): Promise<Said> {
    return this.place.ask("GET", `/tell/${this.name}?${encodeURIComponent(text)}`);
  }

  end(text = ""): Promise<Said> {
    return this.place.ask("GET", `/tell/${this.name}/last?${encodeURIComponent(text)}`);
  }

  look(): Promise<{ waiting: number; left: number }> {
    return this.place.json(`/room/${this.name}`);
  }

  /** What the agent itself has seen. */
  async holds(wanted: { waiting: number; left: number }): Promise<void> {
    let seen: unknown;
    await until(
      () => `the agent to see ${JSON.stringify(wanted)}; it sees ${JSON.stringify(seen)}`,
      async () => {
        seen = await this.look();
        return JSON.stringify(seen) === JSON.stringify(wanted);
      },
    );
  }
}

/** Reads until this much has come. */
export async function read(
  stream: NodeJS.ReadableStream,
  enough: (text: string) => boolean,
): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    const take = (part: Buffer) => {
      text += part.toString();
      if (enough(text)) settle(resolve);
    };
    const over = () => settle(() => reject(new Error(`it ended with: ${text}`)));
    const settle = (how: (text: string) => void) => {
      stream.removeListener("data", take).removeListener("close", over);
      how(text);
    };
    stream.on("data", take).on("close", over);
  });
}
