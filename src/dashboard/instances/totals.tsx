import { isTransitional, STATES } from "../../instance/states.ts";
import type { Totals } from "../../services/instances/overview.ts";
import { EstimatedCost } from "../layout/parts.tsx";
import { listPath } from "./filter.tsx";

/** What is counted at the top of the list, each by the states in it. */
const COUNTED = [
  { name: "running", states: ["running"] },
  { name: "changing", states: STATES.filter(isTransitional) },
  { name: "suspended", states: ["suspended"] },
  { name: "stopped", states: ["stopped"] },
  { name: "in error", states: ["error"] },
] as const satisfies { name: string; states: readonly string[] }[];

/** All of the account's instances at a glance, whatever of them is listed below. */
export function TotalsBar({ totals: { byState, today } }: { totals: Totals }) {
  return (
    <dl class="figures totals">
      {COUNTED.map(({ name, states }) => {
        const number = states.reduce((sum, state) => sum + (byState.get(state) ?? 0), 0);
        const [only] = states;
        return (
          <div>
            <dt>{states.length === 1 && only ? <a href={listPath({ state: only })}>{name}</a> : name}</dt>
            <dd data-count={states.join(" ")}>{number}</dd>
          </div>
        );
      })}
      <div>
        <dt>today (UTC)</dt>
        <dd>
          <EstimatedCost micros={Math.round(today.costMicros)} />
        </dd>
      </div>
    </dl>
  );
}
