import type { Child } from "hono/jsx";

interface PageHeadProps {
  /** The page's only `h1`. */
  title: Child;
  /** The place this one lies in: a link above the title. */
  up?: { name: string; path: string };
  /** One sentence on what this is, below it. */
  about?: Child;
  /** What can be done here: buttons, at the end of the line. */
  children?: Child;
}

/** The head of a page's content. */
export function PageHead({ title, up, about, children }: PageHeadProps) {
  return (
    <div class="page-head">
      {up ? (
        <nav class="crumbs" aria-label="Above this page">
          <a href={up.path}>{up.name}</a> /
        </nav>
      ) : null}
      <h1>{title}</h1>
      {children ? <div class="actions">{children}</div> : null}
      {about ? <p class="about">{about}</p> : null}
    </div>
  );
}

interface TabsProps {
  /** What all of them are about. */
  label: string;
  tabs: readonly { name: string; path: string; isCurrent: boolean }[];
}

/** Several pages of one thing; each is a page of its own, with an address. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, path, isCurrent }) => (
        <a href={path} aria-current={isCurrent ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
