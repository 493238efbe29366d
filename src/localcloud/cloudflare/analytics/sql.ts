/**
 * The vendor's dialect of SQL, as far as it is understood here, in SQLite's. What is not known is refused: a query that
 * happens to work in SQLite proves nothing about the vendor.
 */
import { badQuery } from "../errors.ts";

export interface Translated {
  sql: string;
  dataset: string;
  columns: { name: string; isSum: boolean }[];
}

const TOKEN = /\s*(?:('(?:[^'\\]|'')*')|(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|!=|<>|[(),=<>+\-*/%]))/y;
const WORDS = new Set(
  "SELECT AS FROM WHERE AND OR NOT GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET TRUE FALSE".split(" "),
);
/** By their name in lower case; SQLite's own, or those that the store adds to it. */
const FUNCTIONS: Record<string, string> = {
  avg: "avg",
  count: "count",
  if: "if",
  max: "max",
  min: "min",
  now: "now",
  quantileexactweighted: "quantile_exact_weighted",
  sum: "sum",
  todatetime: "to_datetime",
  tostartofinterval: "to_start_of_interval",
  tounixtimestamp: "to_unix_timestamp",
};
/** With one pair of brackets for the parameter and one for the arguments. */
const PARAMETRIC = new Set(["quantileexactweighted"]);
const AGGREGATES_TO_INTEGER = new Set(["sum", "count"]);
const UNITS: Record<string, number> = { SECOND: 1, MINUTE: 60, HOUR: 3_600, DAY: 86_400 };
const COLUMN = /^(?:timestamp|_sample_interval|dataset|index1|(?:blob|double)(?:[1-9]|1\d|20))$/;

/** @throws CloudflareError for what is no query, or none that is understood here. */
export function translate(query: string): Translated {
  const tokens = joinIntervals(tokenize(query));
  const upper = (at: number) => tokens[at]?.toUpperCase() ?? "";
  if (upper(0) !== "SELECT") throw badQuery("only SELECT is understood");
  const format = tokens.findIndex((_, at) => upper(at) === "FORMAT");
  if (format >= 0) {
    if (upper(format + 1) !== "JSON" || tokens.length > format + 2)
      throw badQuery("only FORMAT JSON is understood");
    tokens.length = format;
  }
  const from = tokens.findIndex((_, at) => upper(at) === "FROM");
  const dataset = tokens[from + 1];
  if (from < 0 || dataset === undefined || !/^[A-Za-z_]\w*$/.test(dataset))
    throw badQuery("a dataset is expected after FROM");
  const columns = columnsOf(tokens.slice(1, from));
  const names = new Set(columns.map(({ name }) => name));
  const words = tokens.map((token, at) =>
    at === from + 1 ? pointsOf(dataset) : translateWord({ token, next: tokens[at + 1], names }),
  );
  return { sql: joinCalls(words).join(" "), dataset, columns };
}

/** The dataset's own rows, where it stands in the query. Its name was found to be a plain word. */
const pointsOf = (dataset: string) => `(SELECT * FROM points WHERE dataset = '${dataset}')`;

function tokenize(query: string): string[] {
  const tokens: string[] = [];
  const text = query.trim().replace(/;$/, "");
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw badQuery(`unexpected "${text.slice(at, at + 20)}"`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

/** What stands between SELECT and FROM, by the commas outside of brackets. Each must have a name of its own. */
function columnsOf(tokens: readonly string[]): Translated["columns"] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (token === "," && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.map((part) => {
    const name = part.at(-1) ?? "";
    const isNamed = part.length === 1 || part.at(-2)?.toUpperCase() === "AS";
    if (!isNamed || !/^[A-Za-z_]\w*$/.test(name))
      throw badQuery(`"${part.join(" ")}" has no name: write AS and one`);
    return { name, isSum: AGGREGATES_TO_INTEGER.has(part[0]?.toLowerCase() ?? "") };
  });
}

function translateWord({
  token,
  next,
  names,
}: {
  token: string;
  next: string | undefined;
  names: ReadonlySet<string>;
}): string {
  if (!/^[A-Za-z_]/.test(token)) return token;
  const called = FUNCTIONS[token.toLowerCase()];
  if (next === "(" && called !== undefined) return called;
  const upper = token.toUpperCase();
  if (WORDS.has(upper)) return upper;
  if (next !== "(" && (COLUMN.test(token) || names.has(token))) return token;
  throw badQuery(`"${token}" is not known here`);
}

/** `INTERVAL '2' HOUR` is 7200 seconds, as times are seconds. */
function joinIntervals(tokens: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]?.toUpperCase() !== "INTERVAL") {
      joined.push(tokens[at] ?? "");
      continue;
    }
    const count = /^'(\d+)'$/.exec(tokens[at + 1] ?? "")?.[1];
    const unit = UNITS[tokens[at + 2]?.toUpperCase() ?? ""];
    if (count === undefined || unit === undefined)
      throw badQuery("an interval is INTERVAL '1' and SECOND, MINUTE, HOUR or DAY");
    joined.push(String(Number(count) * unit));
    at += 2;
  }
  return joined;
}

/** `quantile(0.5)(a, b)` is `quantile(0.5, a, b)` in SQLite, and `count()` is `count(*)`. */
function joinCalls(words: readonly string[]): string[] {
  const parametric = new Set([...PARAMETRIC].map((name) => FUNCTIONS[name]));
  const joined: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    joined.push(word);
    if (word === "count" && words[at + 1] === "(" && words[at + 2] === ")") {
      joined.push("(", "*");
      at += 1;
    }
    if (!parametric.has(word)) continue;
    const [open, parameter = "", close, reopen] = words.slice(at + 1, at + 5);
    if (open !== "(" || !/^\d/.test(parameter) || close !== ")" || reopen !== "(")
      throw badQuery("a quantile is written quantileExactWeighted(0.5)(column, weight)");
    joined.push("(", parameter, ",");
    at += 4;
  }
  return joined;
}
