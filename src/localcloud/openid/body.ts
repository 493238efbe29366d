import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await text(request));
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  return JSON.parse((await text(request)) || "{}");
}
