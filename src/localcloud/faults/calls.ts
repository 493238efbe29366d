import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "../fly/routes/http.ts";

const REMEMBERED_CALLS = 1000;

export interface Call {
  at: number;
  method: string;
  path: string;
  status: number;
  ms: number;
}

/** The latest calls: what was asked and what was answered. Never a body or a header, which may hold secrets. */
export class CallRecord {
  private calls: Call[] = [];

  record(): MiddlewareHandler<ApiEnv> {
    return async (c, next) => {
      const at = Date.now();
      await next();
      const call = { at, method: c.req.method, path: c.req.path, status: c.res.status, ms: Date.now() - at };
      this.calls = [...this.calls.slice(1 - REMEMBERED_CALLS), call];
    };
  }

  list(): Call[] {
    return this.calls;
  }

  clear(): void {
    this.calls = [];
  }
}
