/** A value as one reads it: text as it is, fields by their names, the rest as JSON. */
function show(value: unknown): string {
  if (isFields(value)) {
    return Object.entries(value)
      .map(([name, field]) => `${name} ${show(field)}`)
      .join(", ");
  }
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an event says besides its action: what it was before and after, field by field, and the rest as it is. */
export function Detail({ detail }: { detail: Record<string, unknown> | null }) {
  const { before, after, ...rest } = detail ?? {};
  const was = isFields(before) ? before : {};
  const is = isFields(after) ? after : {};
  const changed = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  if (changed.length + Object.keys(rest).length === 0) {
    return null;
  }
  return (
    <dl class="detail">
      {changed.map((field) => (
        <div>
          <dt>{field}</dt>
          <dd>
            {field in was ? <del>{show(was[field])}</del> : null}
            {field in was && field in is ? " → " : null}
            {field in is ? <ins>{show(is[field])}</ins> : null}
          </dd>
        </div>
      ))}
      {Object.entries(rest).map(([field, value]) => (
        <div>
          <dt>{field}</dt>
          <dd>{show(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
