/** One structured line per request or job. Values are data; nothing here may hold a secret. */
export function logEvent(event: string, fields: Record<string, unknown>): void {
  const level = fields.level === "error" ? "error" : "log";
  // biome-ignore lint/suspicious/noConsole: the Workers runtime collects console output as logs; this is its one place.
  console[level](JSON.stringify({ event, ...fields }));
}

/** An unknown throw as a short text: its name and message, one level of cause, bounded. */
export function describeError(error: unknown): string {
  const own = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${own}${cause}`.slice(0, 500);
}
