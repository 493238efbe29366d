/**
 * What the host program and the control plane tell each other, as JSON text frames of one WebSocket that the host opens.
 * Both sides read through these schemas: fields they do not know are ignored, so that either may be the newer one.
 */
import * as z from "zod";

export const SUBPROTOCOL = "gentity-host.v1";
export const HEARTBEAT_MS = 15_000;
/** Three heartbeats in a row did not come: nobody is there. */
export const SILENCE_MS = 3 * HEARTBEAT_MS;

/** In the range that is free for applications. */
export const CLOSE = {
  badFrame: 4400,
  unauthorized: 4401,
  noInstance: 4404,
  /** A newer connection of the same host took its place. */
  replaced: 4409,
} as const;

/** Of what a lone instance may be called: it stands in a URL and in what is signed. */
export const InstanceIdSchema = z.string().regex(/^[A-Za-z0-9_-]{3,64}$/);

/** An Ed25519 public key: base64url of its 32 bytes. */
export const PublicKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const EnrolmentSchema = z.object({
  instanceId: InstanceIdSchema,
  secret: z.string().min(1).max(200),
  publicKey: PublicKeySchema,
});

/** What the host signs to prove that it holds the key it enrolled with. */
export function challengeText(instanceId: string, nonce: string): string {
  return `${SUBPROTOCOL}\n${instanceId}\n${nonce}`;
}

const FileSchema = z.object({
  path: z.string(),
  content: z.string(),
  firstBootOnly: z.boolean(),
  edition: z.string().optional(),
  mode: z.string().optional(),
});

const RecipeSchema = z.object({
  id: z.string().optional(),
  image: z.string(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  workdir: z.string().optional(),
  user: z.object({ uid: z.number(), gid: z.number() }).optional(),
  dataPath: z.string(),
  port: z.number().optional(),
  env: z.record(z.string(), z.string()),
  files: z.array(FileSchema),
});
export type Recipe = z.infer<typeof RecipeSchema>;

/** `generation` counts what the owner asked for: the same one again is no news. */
const AssignmentSchema = z.discriminatedUnion("desired", [
  z.object({
    desired: z.literal("running"),
    generation: z.number(),
    recipe: RecipeSchema,
    /** Null: the instance is not reached from outside. */
    tunnelToken: z.string().nullable(),
    spec: z.object({ memoryMb: z.number() }),
  }),
  z.object({ desired: z.literal("stopped"), generation: z.number() }),
]);
export type Assignment = z.infer<typeof AssignmentSchema>;

const id = z.string().min(1).max(64);
/** Base64. */
const data = z.string();
const size = z.number().int().min(1).max(1_000);

export const ToHostSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("challenge"), nonce: z.string() }),
  /** After the proof, and again whenever something of it changed. */
  z.object({ type: z.literal("welcome"), assignment: AssignmentSchema }),
  z.object({ type: z.literal("heartbeat-ack") }),
  z.object({ type: z.literal("logs-ack"), seq: z.number() }),
  z.object({
    type: z.literal("exec"),
    id,
    command: z.array(z.string()).min(1),
    stdin: z.string().optional(),
    timeoutSeconds: z.number().positive(),
  }),
  /** To a command or a terminal. */
  z.object({ type: z.literal("signal"), id, signal: z.string().regex(/^SIG[A-Z0-9]{2,8}$/) }),
  z.object({
    type: z.literal("pty-open"),
    id,
    command: z.array(z.string()).min(1).optional(),
    cols: size,
    rows: size,
  }),
  z.object({ type: z.literal("pty-input"), id, data }),
  z.object({ type: z.literal("pty-resize"), id, cols: size, rows: size }),
  z.object({ type: z.literal("pty-close"), id }),
  z.object({ type: z.literal("quiesce"), id }),
]);
export type ToHost = z.infer<typeof ToHostSchema>;

const AssignedSchema = z.object({ generation: z.number(), desired: z.enum(["running", "stopped"]) });
/** Tells one assignment from another. */
export type Assigned = z.infer<typeof AssignedSchema>;

export function isSameAssigned(a: Assigned | null, b: Assigned | null): boolean {
  return a?.generation === b?.generation && a?.desired === b?.desired;
}

const AgentSchema = z.object({
  state: z.enum(["preparing", "running", "exited", "stopped"]),
  recipeId: z.string().optional(),
  since: z.number(),
  exitCode: z.number().optional(),
  note: z.string().max(300).optional(),
});
export type AgentReport = z.infer<typeof AgentSchema>;

const BusySchema = z.object({ kind: z.enum(["exec", "pty"]), since: z.number() });
export type Busy = z.infer<typeof BusySchema>;

const LogLineSchema = z.object({
  at: z.number(),
  source: z.enum(["agent", "host"]),
  level: z.enum(["info", "warn", "error"]),
  message: z.string().max(8_192),
});
export type HostLogLine = z.infer<typeof LogLineSchema>;

const exit = { id, exitCode: z.number(), signal: z.number().optional() };

export const FromHostSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("proof"), signature: z.string().max(200) }),
  z.object({
    type: z.literal("heartbeat"),
    /** Null before the first assignment. */
    agent: AgentSchema.nullable(),
    /** Which assignment that is about. */
    assigned: AssignedSchema.nullable(),
    busy: z.array(BusySchema).max(100),
  }),
  /** One batch at a time: the next one only after the acknowledgement. `run` and `seq` tell a repeated batch. */
  z.object({
    type: z.literal("logs"),
    run: z.string().max(64),
    seq: z.number(),
    lines: z.array(LogLineSchema).max(500),
    /** How many were given up before the first of these. */
    lost: z.number().int().min(0),
  }),
  z.object({ type: z.literal("output"), id, stream: z.enum(["stdout", "stderr"]), data }),
  z.object({ type: z.literal("exit"), ...exit, timedOut: z.boolean().optional() }),
  z.object({ type: z.literal("pty-output"), id, data }),
  z.object({ type: z.literal("pty-exit"), ...exit }),
  z.object({ type: z.literal("quiesced"), id }),
  z.object({
    type: z.literal("refused"),
    id,
    /** `lost`: it had begun, and how it ended is not known. */
    code: z.enum(["not_running", "failed", "lost"]),
    message: z.string().max(500),
  }),
]);
export type FromHost = z.infer<typeof FromHostSchema>;

export type LogBatch = Extract<FromHost, { type: "logs" }>;

/** Undefined for what is no frame of these. */
export function parseFrame<T>(schema: z.ZodType<T>, text: unknown): T | undefined {
  try {
    return schema.safeParse(JSON.parse(String(text))).data;
  } catch {
    return undefined;
  }
}
