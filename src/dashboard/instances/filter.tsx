import { STATES } from "../../instance/states.ts";
import type { ListInput } from "../../services/instances/read.ts";

export const PAGE_SIZE = 50;

export interface Filter {
  q: string;
  state: string;
  agent: string;
  label: string;
  cursor: string;
}

/** What of the address says which instances are listed; what cannot be meant is left out. */
export function readFilter(query: Record<string, string>): Filter {
  const text = (name: string, most: number) => (query[name] ?? "").trim().slice(0, most);
  const state = text("state", 20);
  return {
    q: text("q", 100),
    state: STATES.some((known) => known === state) ? state : "",
    agent: text("agent", 64),
    label: text("label", 200),
    cursor: text("cursor", 100),
  };
}

export function isFiltered({ q, state, agent, label }: Filter): boolean {
  return [q, state, agent, label].some((value) => value !== "");
}

export function toListInput({ q, state, agent, label, cursor }: Filter): ListInput {
  return {
    limit: PAGE_SIZE,
    exposure: "all",
    ...(q !== "" && { search: q }),
    ...(state !== "" && { status: state }),
    ...(agent !== "" && { agentType: agent }),
    ...(label !== "" && { label }),
    ...(cursor !== "" && { cursor }),
  };
}

/** The address of the list as filtered, with some of it changed. */
export function listPath(filter: Partial<Filter>): string {
  const pairs = Object.entries(filter).filter(([, value]) => value !== "" && value !== undefined);
  return pairs.length === 0 ? "/dashboard" : `/dashboard?${new URLSearchParams(pairs as [string, string][])}`;
}

/** A form of its own, by GET: what is listed stands in the address. */
export function FilterForm({
  filter,
  agents,
}: {
  filter: Filter;
  agents: readonly { id: string; name: string }[];
}) {
  return (
    <search aria-label="Filter the instances">
      <form method="get" action="/dashboard" class="filter">
        <div class="field">
          <label for="q">Name, id or subdomain</label>
          <input id="q" name="q" type="search" value={filter.q} maxlength={100} autocomplete="off" />
        </div>
        <div class="field">
          <label for="state">State</label>
          <select id="state" name="state">
            <option value="">Any</option>
            {STATES.filter((state) => state !== "deleted").map((state) => (
              <option value={state} selected={state === filter.state}>
                {state}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="agent">Agent</label>
          <select id="agent" name="agent">
            <option value="">Any</option>
            {agents.map(({ id, name }) => (
              <option value={id} selected={id === filter.agent}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="label">Label</label>
          <input
            id="label"
            name="label"
            value={filter.label}
            maxlength={200}
            placeholder="key or key=value"
            autocomplete="off"
          />
        </div>
        <div class="row">
          <button type="submit">Show</button>
          {isFiltered(filter) ? <a href="/dashboard">Show all</a> : null}
        </div>
      </form>
    </search>
  );
}
