/** The engine that `test/docker/engine.sh` starts, for tests that need a real one. */

import { type Engine, findEngine } from "../../docker-engine-client/engine.ts";
import { LABEL } from "../runtime/docker/container.ts";

/** Imported by the script: busybox, a web server on 8080 as its command, `agent` as its user. */
export const TEST_IMAGE = "gentity/test:1";

export const TEST_HOST = process.env.GENTITY_TEST_DOCKER;

/** The engine, or the reason why its tests are skipped. */
export async function testEngine(): Promise<Engine | { reason: string }> {
  if (!TEST_HOST) return { reason: "GENTITY_TEST_DOCKER names no engine (test/docker/engine.sh starts one)" };
  const engine = await findEngine(TEST_HOST);
  if ("reason" in engine) return engine;
  return engine.call("GET", `/images/${TEST_IMAGE}/json`).then(
    () => engine,
    () => ({ reason: `the engine does not have ${TEST_IMAGE}` }),
  );
}

export interface Found {
  Id: string;
  Names: string[];
  State: string;
  Labels: Record<string, string>;
}

/** Containers with a label, by default with that of any local cloud. */
export function containersWith(engine: Engine, label: string = LABEL.scope): Promise<Found[]> {
  const query = { all: "1", filters: JSON.stringify({ label: [label] }) };
  return engine.call<Found[]>("GET", "/containers/json", { query });
}
