/**
 * What edge and connector say to each other on their control stream, one JSON object a line. The connector dials out by TCP;
 * then the roles are reversed, as between the vendor's own: the edge is the HTTP/2 client, so that it can ask at any time.
 */
import { createHmac } from "node:crypto";
import type { Http2Session } from "node:http2";
import type { Readable } from "node:stream";
import * as z from "zod";

/** Marks the first stream of a connection, as the vendor's edge does. */
export const CONTROL_HEADER = "cf-cloudflared-proxy-connection-upgrade";
export const CONTROL_VALUE = "control-stream";
/** On the answer to an upgrade: the service switched protocols, and what follows is the WebSocket. */
export const SWITCHED_HEADER = "cf-cloudflared-switched";
/** None of these passes from a client or a service. */
export const RESERVED_PREFIX = "cf-cloudflared-";

const ruleSchema = z.object({
  hostname: z.string().optional(),
  path: z.string().optional(),
  service: z.string(),
  originRequest: z.record(z.string(), z.unknown()).optional(),
});
export type WireRule = z.infer<typeof ruleSchema>;

const configurationSchema = z.object({ version: z.int(), ingress: z.array(ruleSchema) });
export type WireConfiguration = z.infer<typeof configurationSchema>;

export const fromEdgeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), nonce: z.string() }),
  z.object({
    type: z.literal("registered"),
    connection: z.string(),
    location: z.string(),
    configuration: configurationSchema,
  }),
  z.object({ type: z.literal("refused"), reason: z.string() }),
  z.object({ type: z.literal("configuration"), configuration: configurationSchema }),
  /** Nothing new will come. */
  z.object({ type: z.literal("unregistered") }),
]);
export type FromEdge = z.infer<typeof fromEdgeSchema>;

export const fromConnectorSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("register"),
    account: z.string(),
    tunnel: z.string(),
    proof: z.string(),
    connector: z.uuid(),
    version: z.string(),
    arch: z.string(),
  }),
  z.object({ type: z.literal("configured"), version: z.int() }),
  z.object({ type: z.literal("unregister") }),
]);
export type FromConnector = z.infer<typeof fromConnectorSchema>;

/** The vendor's connector sends its secret, inside TLS. Here is no TLS, so that it is proved instead. */
export function proofOf(secretBase64: string, nonce: string): string {
  return createHmac("sha256", Buffer.from(secretBase64, "base64")).update(nonce).digest("base64");
}

const LINE_LIMIT = 1_000_000;

/** @throws nothing: what cannot be read goes to `onError`, after which nothing more is told. */
export function readMessages<T>(
  stream: Readable,
  schema: z.ZodType<T>,
  { onMessage, onError }: { onMessage: (message: T) => void; onError: (reason: string) => void },
): void {
  let rest = "";
  let isBroken = false;
  stream.setEncoding("utf8");
  stream.on("data", (part: string) => {
    if (isBroken) return;
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    try {
      if (rest.length > LINE_LIMIT) throw new Error("a line is too long");
      for (const line of lines) onMessage(schema.parse(JSON.parse(line)));
    } catch (error) {
      isBroken = true;
      onError(error instanceof Error ? error.message : String(error));
    }
  });
}

export const writeLine = (message: FromEdge | FromConnector): string => `${JSON.stringify(message)}\n`;

/** A stream may hold this much before its reader has to take some: what bounds memory, and what a fast reader needs. */
const STREAM_WINDOW = 1 << 20;
export const HEADER_LIMIT = 128 * 1024;

export const SESSION_OPTIONS = {
  settings: {
    initialWindowSize: STREAM_WINDOW,
    maxHeaderListSize: HEADER_LIMIT,
    enableConnectProtocol: true,
  },
  maxHeaderListPairs: 2000,
  maxSendHeaderBlockLength: HEADER_LIMIT,
  // In megabytes. All requests of a server share one connection: the windows bound memory, and no request may be refused for it.
  maxSessionMemory: 4096,
  // Clients go away as they like; that is no attack of the edge's.
  streamResetBurst: 1_000_000,
  streamResetRate: 1_000_000,
};

const PING_MS = 10_000;
const MISSES_ALLOWED = 2;

/** Ends a session whose other side is silent: a connection can be dead long before TCP says so. */
export function keepAlive(session: Http2Session): void {
  let missed = 0;
  const timer = setInterval(() => {
    missed += 1;
    if (missed > MISSES_ALLOWED) session.destroy();
    else if (!session.destroyed) {
      session.ping(() => {
        missed = 0;
      });
    }
  }, PING_MS);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}
