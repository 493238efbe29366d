/**
 * What servers dial: enrolment, the host program and its channel, by the schemas and the book-keeping of the real control
 * plane, in this process. It stands in for the objects alone; the host programs at its other end are real.
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { bundleHostProgram } from "../../src/dev/host-program.ts";
import {
  type AgentReport,
  type Assigned,
  challengeText,
  EnrolmentSchema,
  type FromHost,
  FromHostSchema,
  isSameAssigned,
  parseFrame,
  type ToHost,
} from "../../src/host/protocol.ts";
import { isSignedBy } from "../../src/host-object/proof.ts";
import { Requests } from "../../src/host-object/requests.ts";
import { deriveEnrolmentSecret } from "../../src/providers/hetzner/derive.ts";
import type { HostLink, HostReport } from "../../src/providers/host-link.ts";
import type { LogLine, MachineRecipe } from "../../src/providers/provider.ts";

const QUIESCE_MS = 20_000;
const EXEC_MARGIN_MS = 5_000;

interface Host {
  publicKey?: string;
  socket?: WebSocket;
  seenAt: number | null;
  agent: AgentReport | null;
  /** What it says it is at, and what it was told. */
  heard: Assigned | null;
  told: Assigned | null;
  requests: Requests;
  lines: LogLine[];
}

interface Brief extends Assigned {
  recipe: MachineRecipe;
  tunnelToken: string | null;
}

export class TestControlPlane {
  readonly url: string;
  readonly hostProgramSha256: string;
  readonly link: HostLink;
  private readonly hosts = new Map<string, Host>();
  private readonly briefs = new Map<string, Brief>();
  private readonly close_: () => Promise<void>;

  private constructor(url: string, program: string, close: () => Promise<void>) {
    this.url = url;
    this.hostProgramSha256 = digest(program);
    this.close_ = close;
    this.link = {
      // Terminals are tried through the whole stack.
      pty: async () => ({ type: "rejected", code: "unsupported", message: "no terminals here" }),
      report: async (id) => this.report(id),
      exec: async (id, { command, stdin, timeoutSeconds }) => {
        const host = this.hosts.get(id);
        if (!host?.socket || host.agent?.state !== "running") {
          return { type: "rejected", code: "not_running", message: "The agent does not run at the moment" };
        }
        const ask = randomUUID();
        const answer = host.requests.exec(ask, timeoutSeconds * 1_000 + EXEC_MARGIN_MS);
        send(host.socket, {
          type: "exec",
          id: ask,
          command,
          timeoutSeconds,
          ...(stdin === undefined ? {} : { stdin }),
        });
        return answer;
      },
      logs: async (id, { cursor }) => {
        const lines = this.hosts.get(id)?.lines ?? [];
        return {
          type: "ok",
          value: { lines: lines.slice(Number(cursor ?? 0)), cursor: String(lines.length) },
        };
      },
      quiesce: async (id) => {
        const host = this.hosts.get(id);
        if (!host?.socket) return { type: "ok", value: undefined };
        const ask = randomUUID();
        const answer = host.requests.quiesce(ask, QUIESCE_MS);
        send(host.socket, { type: "quiesce", id: ask });
        const outcome = await answer;
        if (outcome.type === "ok") host.agent = { state: "stopped", since: Date.now() };
        return outcome;
      },
      forget: async (id) => {
        this.hosts.get(id)?.socket?.close(4404, "the server is gone");
        this.hosts.delete(id);
      },
    };
  }

  static async start(hostSecret: string): Promise<TestControlPlane> {
    const program = await bundleHostProgram();
    const sockets = new WebSocketServer({ noServer: true });
    const server = createServer(
      (request, response) => void plane.serve(request, response, { program, hostSecret }),
    );
    server.on("upgrade", (request, socket, head) => {
      const id = new URL(request.url ?? "/", "http://plane").searchParams.get("instance") ?? "";
      if (plane.hosts.get(id)?.publicKey === undefined) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (accepted) => plane.accept(id, accepted));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const close = async (): Promise<void> => {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    };
    const plane = new TestControlPlane(`http://127.0.0.1:${port}`, program, close);
    return plane;
  }

  close(): Promise<void> {
    return this.close_();
  }

  /** What the instance's host is to do from now on; told at once to one that is connected. */
  brief(id: string, change: Partial<Omit<Brief, "generation">>): void {
    const before = this.briefs.get(id);
    const recipe = change.recipe ?? before?.recipe;
    if (recipe === undefined) return;
    const next = {
      desired: "running" as const,
      tunnelToken: null,
      ...before,
      ...change,
      recipe,
      generation: 0,
    };
    const isNews = JSON.stringify({ ...before, generation: 0 }) !== JSON.stringify(next);
    this.briefs.set(id, { ...next, generation: (before?.generation ?? 0) + (isNews ? 1 : 0) });
    const host = this.hosts.get(id);
    if (host?.socket) this.welcome(id, host, host.socket);
  }

  private report(id: string): HostReport {
    const host = this.hosts.get(id);
    if (host === undefined) return { enrolled: false, connected: false, agent: null, seenAt: null };
    const isNews =
      host.socket === undefined || (host.heard !== null && isSameAssigned(host.heard, host.told));
    const agent = isNews ? host.agent : { state: "preparing" as const, since: Date.now() };
    return { enrolled: true, connected: host.socket !== undefined, agent, seenAt: host.seenAt };
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    { program, hostSecret }: { program: string; hostSecret: string },
  ): Promise<void> {
    if (request.url === `/host/${this.hostProgramSha256}.mjs`) {
      response.end(program);
      return;
    }
    if (request.url !== "/api/host/enrol" || request.method !== "POST") {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { instanceId, secret, publicKey } = EnrolmentSchema.parse(
      JSON.parse(Buffer.concat(chunks).toString()),
    );
    const known = this.hosts.get(instanceId)?.publicKey;
    const isGood = secret === (await deriveEnrolmentSecret(hostSecret, instanceId));
    if (isGood && known === undefined) this.hosts.set(instanceId, newHost(publicKey));
    const isRefused = known !== undefined && known !== publicKey;
    response
      .writeHead(!isGood ? 401 : isRefused ? 409 : 200, { "content-type": "application/json" })
      .end("{}");
  }

  private accept(id: string, socket: WebSocket): void {
    const nonce = randomUUID();
    send(socket, { type: "challenge", nonce });
    let isProven = false;
    socket.on("message", (data) => {
      const host = this.hosts.get(id);
      const frame = parseFrame(FromHostSchema, data);
      if (host === undefined || frame === undefined) return socket.close(4400);
      if (isProven) return this.take(host, socket, frame);
      if (frame.type !== "proof") return socket.close(4401);
      void isSignedBy(host.publicKey ?? "", frame.signature, challengeText(id, nonce)).then((isIt) => {
        if (!isIt) return socket.close(4401);
        isProven = true;
        host.socket?.close(4409);
        Object.assign(host, { socket, told: null, heard: null, seenAt: Date.now() });
        this.welcome(id, host, socket);
      });
    });
    socket.on("close", () => {
      const host = this.hosts.get(id);
      if (host?.socket !== socket) return;
      host.socket = undefined;
      host.requests.loseAll();
    });
  }

  private welcome(id: string, host: Host, socket: WebSocket): void {
    const brief = this.briefs.get(id);
    if (brief === undefined) {
      socket.close(4404);
      return;
    }
    const { desired, generation, recipe, tunnelToken } = brief;
    if (isSameAssigned(host.told, { desired, generation })) return;
    host.told = { desired, generation };
    const assignment =
      desired === "running"
        ? { desired, generation, recipe, tunnelToken, spec: { memoryMb: 512 } }
        : { desired, generation };
    send(socket, { type: "welcome", assignment });
  }

  private take(host: Host, socket: WebSocket, frame: FromHost): void {
    host.seenAt = Date.now();
    if (frame.type === "heartbeat") {
      host.agent = frame.agent;
      host.heard = frame.assigned;
      send(socket, { type: "heartbeat-ack" });
    } else if (frame.type === "logs") {
      for (const { at, level, message } of frame.lines) {
        host.lines.push({ timestamp: new Date(at).toISOString(), level, message, instance: "", region: "" });
      }
      send(socket, { type: "logs-ack", seq: frame.seq });
    } else if (
      frame.type === "output" ||
      frame.type === "exit" ||
      frame.type === "quiesced" ||
      frame.type === "refused"
    ) {
      host.requests.take(frame);
    }
  }
}

function newHost(publicKey: string): Host {
  return {
    publicKey,
    seenAt: null,
    agent: null,
    heard: null,
    told: null,
    requests: new Requests(),
    lines: [],
  };
}

function send(socket: WebSocket, frame: ToHost): void {
  socket.send(JSON.stringify(frame));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
