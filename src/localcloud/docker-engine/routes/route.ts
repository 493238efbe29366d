/** What every route of the engine shares. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type * as z from "zod";
import type { DockerEngine } from "../engine.ts";
import { badRequest } from "../refusal.ts";

export interface Call {
  engine: DockerEngine;
  /** The path's own parameter, if it has one. */
  id: string;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}

export interface Route {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  path: RegExp;
  run(call: Call): Promise<void> | void;
}

/** A request whose connection becomes a stream of bytes both ways. */
export interface Hijack {
  path: RegExp;
  run(call: { engine: DockerEngine; id: string; query: URLSearchParams; body: string; socket: Socket }): void;
}

export function send(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) {
    response.writeHead(status);
    response.end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export function parseJson<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown = {};
  try {
    if (text.trim() !== "") value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`invalid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return schema.parse(value);
}

export async function jsonOf<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  return parseJson((await bytesOf(request)).toString("utf8"), schema);
}

/** As the engine reads it: anything but these is true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && !["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
}

/** `{"label":["a=b"]}`, or the older `{"label":{"a=b":true}}`. */
export function filtersOf(query: URLSearchParams): Record<string, string[]> {
  const text = query.get("filters");
  if (!text) return {};
  try {
    const filters = JSON.parse(text) as Record<string, string[] | Record<string, boolean>>;
    return Object.fromEntries(
      Object.entries(filters).map(([key, value]) => [key, Array.isArray(value) ? value : Object.keys(value)]),
    );
  } catch {
    throw badRequest("invalid filter");
  }
}
