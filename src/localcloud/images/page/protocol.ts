/** What a tab sends. The first two are those of the API's own terminal. */
export type FromTab =
  | { type: "input"; data: string }
  | { type: "resize"; cols: number; rows: number }
  /** So many characters of output have been drawn. A tab that sends these is never sent more than it can draw. */
  | { type: "ack"; chars: number }
  /** Runs the command again after it has ended. */
  | { type: "start" };

export type ToTab =
  | { type: "output"; data: string }
  | { type: "exit"; exitCode: number; signal: number }
  /** Everything drawn so far is void; the output that follows begins anew. */
  | { type: "reset" }
  /** The size all tabs share. */
  | { type: "size"; cols: number; rows: number };

const MAX_COLS = 500;
const MAX_ROWS = 300;

function clamp(value: unknown, max: number): number | undefined {
  return typeof value === "number" && Number.isFinite(value)
    ? Math.min(max, Math.max(1, Math.floor(value)))
    : undefined;
}

/** Nothing for what is not a message of ours: a tab of another release must not end the session. */
export function parseFromTab(text: string): FromTab | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  if (message.type === "input" && "data" in message && typeof message.data === "string") {
    return { type: "input", data: message.data };
  }
  if (message.type === "resize" && "cols" in message && "rows" in message) {
    const cols = clamp(message.cols, MAX_COLS);
    const rows = clamp(message.rows, MAX_ROWS);
    return cols && rows ? { type: "resize", cols, rows } : undefined;
  }
  if (
    message.type === "ack" &&
    "chars" in message &&
    typeof message.chars === "number" &&
    message.chars >= 0
  ) {
    return { type: "ack", chars: message.chars };
  }
  return message.type === "start" ? { type: "start" } : undefined;
}
