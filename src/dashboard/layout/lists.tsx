import type { Child } from "hono/jsx";

/** What is known of one thing: names and values. A value that is undefined is left out with its name. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: Child | undefined])[] }) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A few figures that sum up what stands below them. */
export function Figures({ rows }: { rows: readonly (readonly [name: string, value: Child])[] }) {
  return (
    <dl class="figures">
      {rows.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Around a table that is wider than a small screen: it moves in its place, by keys too. */
export function Scroll({ label, children }: { label: string; children?: Child }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section would be the same, and says less of why it is here
    <div class="scroll" role="region" aria-label={label} tabindex={0}>
      {children}
    </div>
  );
}

interface PaginationProps {
  /** What is shown, as "50 instances, newest first". */
  shown: string;
  /** To the beginning of the list, when this is not it. */
  first?: string;
  /** To what comes after, when there is more. */
  next?: string;
}

/** To the rest of a list that is read page by page, from the newest on. */
export function Pagination({ shown, first, next }: PaginationProps) {
  return (
    <nav class="pages" aria-label="Pages">
      <span>{shown}</span>
      <span>
        {first ? (
          <a class="button small" href={first}>
            Newest
          </a>
        ) : null}
        {next ? (
          <a class="button small" href={next} rel="next">
            Older
          </a>
        ) : null}
      </span>
    </nav>
  );
}
