import { z } from "@hono/zod-openapi";
import { bearerToken } from "../../auth/tokens.ts";
import { AppError } from "../../errors.ts";
import { describeError, logEvent } from "../../log.ts";
import {
  type OpenTerminal,
  openTerminalOf,
  openTerminalWithTicket,
} from "../../services/instances/terminal.ts";
import { failureOf } from "../../services/instances/vendor-failure.ts";
import { authenticateRequest, authenticateWith, backgroundOf } from "../middleware/authenticate.ts";
import { type ApiContext, IdParam, newRouter, publicEndpoint } from "../route.ts";

const Size = z.coerce.number().int().min(1).max(1_000);

const route = publicEndpoint({
  route: {
    method: "get",
    path: "/instances/{id}/terminal",
    operationId: "openTerminal",
    summary: "An interactive terminal (WebSocket)",
    description:
      'Client: {"type":"input","data"}, {"type":"resize","cols","rows"}. Server: {"type":"output","data"}, {"type":"exit","exitCode","signal"}. ' +
      "Authenticated by `ticket`, by `token`, by the Authorization header, or by the session's cookie from the dashboard's own pages; refused with close code 4401.",
    tags: ["instances"],
    request: {
      params: IdParam,
      query: z.object({
        ticket: z.string().max(64).optional(),
        token: z.string().max(128).optional(),
        cols: Size.default(80),
        rows: Size.default(24),
      }),
    },
    responses: { 101: { description: "The terminal is open." } },
  },
  errors: ["invalid_request"],
});

const ClientMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("input"), data: z.string().max(1_048_576) }),
  z.object({ type: z.literal("resize"), cols: Size, rows: Size }),
]);

/** In the range that is free for applications. */
const CLOSE_UNAUTHORIZED = 4401;
const CLOSE_FAILED = 4400;

export const openTerminalRoute = newRouter().openapi(route, async (c) => {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    throw new AppError("invalid_request", "A terminal is a WebSocket.", {
      hint: "Use: gentity compute ssh <id>",
    });
  }
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  // Answered at once: what goes wrong from here on is told through the socket, where a browser can read it.
  c.executionCtx.waitUntil(serve(c, server));
  return new Response(null, { status: 101, webSocket: client });
});

type Message = z.infer<typeof ClientMessage>;

/** What is typed before the shell is open; more than this is nobody's typing. */
const MAX_EARLY_MESSAGES = 256;

/** Listens from the first moment on: what a client sends before its shell is open is handed on once it is. */
class Inbox {
  private readonly early: Message[] = [];
  private take: ((message: Message) => void) | undefined;

  constructor(socket: WebSocket) {
    socket.addEventListener("message", (event) => {
      const message = parseMessage(event.data);
      if (message && this.take) {
        this.take(message);
      } else if (message && this.early.length < MAX_EARLY_MESSAGES) {
        this.early.push(message);
      }
    });
  }

  deliverTo(take: (message: Message) => void): void {
    this.take = take;
    this.early.splice(0).forEach(take);
  }
}

async function serve(c: ApiContext, socket: WebSocket): Promise<void> {
  const inbox = new Inbox(socket);
  try {
    await relay(c, { socket, inbox }, await open(c));
  } catch (error) {
    const isRefused =
      error instanceof AppError && ["unauthorized", "account_suspended", "forbidden"].includes(error.code);
    const reason = error instanceof AppError ? error.message : "the terminal broke off";
    if (!(error instanceof AppError)) {
      logEvent("terminal.failed", {
        level: "error",
        requestId: c.var.requestId,
        cause: describeError(error),
      });
    }
    // A close reason may have 123 bytes.
    socket.close(isRefused ? CLOSE_UNAUTHORIZED : CLOSE_FAILED, reason.slice(0, 120));
  }
}

async function open(c: ApiContext): Promise<OpenTerminal> {
  const { ticket, token, cols, rows } = c.req.query();
  const id = c.req.param("id") ?? "";
  const size = { cols: Number(cols ?? 80), rows: Number(rows ?? 24) };
  if (ticket !== undefined) {
    const request = { requestId: c.var.requestId, background: backgroundOf(c) };
    return openTerminalWithTicket(c.env, { instanceId: id, ticket, ...request }, size);
  }
  await (token === undefined ? authenticateRequest(c) : authenticateWith(c, bearerToken(`Bearer ${token}`)));
  return openTerminalOf(c.var.ctx, id, size);
}

async function relay(
  c: ApiContext,
  { socket, inbox }: { socket: WebSocket; inbox: Inbox },
  { terminal, shutOut }: OpenTerminal,
): Promise<void> {
  let why: string | undefined;
  c.executionCtx.waitUntil(
    Promise.race([
      terminal.exit,
      shutOut.then((reason) => {
        why = reason;
        terminal.detach();
      }),
    ]),
  );
  inbox.deliverTo((message) => {
    if (message.type === "input") {
      terminal.write(new TextEncoder().encode(message.data));
    } else {
      terminal.resize(message.cols, message.rows);
    }
  });
  socket.addEventListener("close", () => {
    c.executionCtx.waitUntil(terminal.close());
  });
  // Streaming, since a character may be cut in two between chunks.
  const decoder = new TextDecoder();
  for await (const bytes of terminal.output) {
    socket.send(JSON.stringify({ type: "output", data: decoder.decode(bytes, { stream: true }) }));
  }
  const { exitCode, signal, failure } = await terminal.exit;
  if (why !== undefined) {
    throw new AppError("unauthorized", why);
  }
  if (failure) {
    throw failureOf(failure);
  }
  socket.send(JSON.stringify({ type: "exit", exitCode, signal }));
  socket.close(1000, "the shell ended");
}

function parseMessage(data: unknown): Message | undefined {
  try {
    return ClientMessage.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
}
