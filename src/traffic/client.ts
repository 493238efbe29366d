/** The platform's SQL over analytics rows. */
import * as z from "zod";
import { exchange, type HttpAnswer, parseRetryAfter, scrub, unreadable } from "../providers/http.ts";
import { DATASET } from "./columns.ts";
import { type TrafficFilter, type TrafficLine, trafficLines, trafficQuery } from "./query.ts";

export interface TrafficConfig {
  apiUrl: string;
  accountId: string;
  /** May read the account's analytics. */
  token: string;
}

/** `unavailable` may be better a little later; `refused` is not, until somebody does something. */
export type TrafficAnswer =
  | { type: "ok"; lines: TrafficLine[] }
  | { type: "unavailable"; reason: string; retryAfterMs?: number }
  | { type: "refused"; reason: string; isUnauthorized: boolean };

const TIMEOUT_MS = 15_000;
const resultSchema = z.looseObject({ data: z.array(z.looseObject({})) });

/** Never throws: no answer is an answer too. */
export async function askTraffic(
  config: TrafficConfig,
  filter: TrafficFilter,
  send: typeof fetch = fetch,
): Promise<TrafficAnswer> {
  const answer = await ask(config, trafficQuery(filter), send);
  if (answer.status === 200) {
    const parsed = resultSchema
      .transform(({ data }) => data)
      .pipe(trafficLines)
      .safeParse(answer.body);
    return parsed.success
      ? { type: "ok", lines: parsed.data }
      : { type: "unavailable", reason: unreadable(parsed.error) };
  }
  const refusal = classify(answer, config);
  // A dataset comes into being with its first row.
  return refusal.type === "refused" && !refusal.isUnauthorized && (await isUnwritten(config, send))
    ? { type: "ok", lines: [] }
    : refusal;
}

async function isUnwritten(config: TrafficConfig, send: typeof fetch): Promise<boolean> {
  const parsed = resultSchema.safeParse((await ask(config, "SHOW TABLES FORMAT JSON", send)).body);
  return parsed.success && !parsed.data.data.some((row) => Object.values(row).includes(DATASET));
}

function ask(config: TrafficConfig, query: string, send: typeof fetch): Promise<HttpAnswer> {
  const { apiUrl, accountId, token } = config;
  const url = `${apiUrl}/accounts/${accountId}/analytics_engine/sql`;
  return exchange(send, { method: "POST", url, token, text: query, timeoutMs: TIMEOUT_MS });
}

function classify({ status, headers, body }: HttpAnswer, { token }: TrafficConfig): TrafficAnswer {
  const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  const reason = scrub(status === 0 ? text : `${status} ${text}`, [token]);
  if (status === 0 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers?.get("retry-after") ?? null, Date.now());
    return { type: "unavailable", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { type: "refused", reason, isUnauthorized: status === 401 || status === 403 };
}
