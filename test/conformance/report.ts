import type { OpenApi } from "./openapi.ts";
import type { Exchange } from "./record.ts";

export interface Deviation {
  pattern: RegExp;
  reason: string;
}

/** Tells what differs from the document, known or not. @returns the exit code: 1 on any difference that is not known. */
export function report(spec: OpenApi, exchanges: Exchange[], deviations: readonly Deviation[]): number {
  const used = new Set<string>();
  const open = exchanges
    .flatMap((exchange) => spec.check(exchange))
    .filter((problem) => {
      const known = deviations.find(({ pattern }) => pattern.test(problem));
      if (known !== undefined) used.add(known.reason);
      return known === undefined;
    });
  for (const problem of new Set(open)) console.error(`✗ ${problem}`);
  for (const reason of used) console.log(`~ ${reason}`);
  console.log(`${exchanges.length} calls of ${new Set(exchanges.map(spec.nameOf)).size} operations checked`);
  return open.length === 0 ? 0 : 1;
}
