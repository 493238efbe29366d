import type { EventFilter } from "../../services/audit/search.ts";
import { DAY_MS, formatDay, parseDay } from "../../usage/day.ts";
import { Field } from "../layout/form.tsx";

/** As it was typed; empty is nothing. */
export interface Asked {
  action: string;
  actor: string;
  instance: string;
  from: string;
  to: string;
}
const FIELDS = ["action", "actor", "instance", "from", "to"] as const;
export type Mistakes = Partial<Record<keyof Asked, string>>;

/** What people look for; any other word of an event's own may be typed. */
const COMMON_ACTIONS = [
  "instance",
  "instance.create",
  "instance.state",
  "instance.update",
  "instance.exec",
  "instance.terminal",
  "instance.rotate_url",
  "token",
  "token.create",
  "token.revoke",
  "transfer",
  "session",
  "member",
  "account",
];

export function readAsked(query: Record<string, string>): Asked {
  const of = (name: keyof Asked) => (query[name] ?? "").trim().slice(0, 320);
  return {
    action: of("action"),
    actor: of("actor"),
    instance: of("instance"),
    from: of("from"),
    to: of("to"),
  };
}

/** What to search for, or what is wrong with it. */
export function toFilter(asked: Asked): { filter: EventFilter; mistakes: Mistakes } {
  const mistakes: Mistakes = {};
  const [from, to] = (["from", "to"] as const).map((name) => {
    const day = asked[name] === "" ? undefined : toDay(asked[name]);
    if (day === null) {
      mistakes[name] = "This is no day, such as 2026-11-01.";
    }
    return day ?? undefined;
  });
  if (from !== undefined && to !== undefined && from > to) {
    mistakes.to = "This is before the first day.";
  }
  const text = (value: string) => (value === "" ? undefined : value);
  const filter = {
    action: text(asked.action),
    actor: text(asked.actor),
    instance: text(asked.instance),
    from,
    until: to === undefined ? undefined : to + DAY_MS,
  };
  return { filter, mistakes };
}

function toDay(text: string): number | null {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? parseDay(text) : Number.NaN;
  return !Number.isNaN(day) && formatDay(day) === text ? day : null;
}

/** The page of events that this asks for. */
export function auditAddress(asked: Partial<Asked>, cursor?: string): string {
  const query = new URLSearchParams();
  for (const name of FIELDS) {
    if (asked[name]) {
      query.set(name, asked[name]);
    }
  }
  if (cursor !== undefined) {
    query.set("cursor", cursor);
  }
  return query.size === 0 ? "/dashboard/audit" : `/dashboard/audit?${query}`;
}

export function isAnything(asked: Asked): boolean {
  return FIELDS.some((name) => asked[name] !== "");
}

export function FilterForm({ asked, mistakes }: { asked: Asked; mistakes: Mistakes }) {
  const described = (name: keyof Asked) => ({
    id: name,
    name,
    value: asked[name],
    "aria-describedby": `${name}-hint`,
    "aria-invalid": mistakes[name] === undefined ? undefined : ("true" as const),
  });
  return (
    <form method="get" action="/dashboard/audit" class="filter hinted">
      <Field name="action" label="Action" hint="One, or all of a kind: instance" error={mistakes.action}>
        <input type="text" list="actions" autocomplete="off" {...described("action")} />
      </Field>
      <datalist id="actions">
        {COMMON_ACTIONS.map((action) => (
          <option value={action} />
        ))}
      </datalist>
      <Field name="actor" label="Who" hint="E-mail, token name, or system" error={mistakes.actor}>
        <input type="text" autocomplete="off" {...described("actor")} />
      </Field>
      <Field name="instance" label="Instance" hint="Id or subdomain" error={mistakes.instance}>
        <input type="text" autocomplete="off" {...described("instance")} />
      </Field>
      <Field name="from" label="From" hint="UTC day" error={mistakes.from}>
        <input type="date" {...described("from")} />
      </Field>
      <Field name="to" label="To" hint="Included" error={mistakes.to}>
        <input type="date" {...described("to")} />
      </Field>
      <div class="actions">
        <button type="submit">Filter</button>{" "}
        {isAnything(asked) ? <a href="/dashboard/audit">Show all</a> : null}
      </div>
    </form>
  );
}
