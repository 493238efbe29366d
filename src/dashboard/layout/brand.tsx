/** A computer of one's own: a screen with a prompt in it. */
const SCREEN = "M4 2h16a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z";
const PROMPT = "M7 8l4 4-4 4M13 16h5";

const DRAWN = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path d='${SCREEN}' fill='#0a56b8'/><path d='${PROMPT}' fill='none' stroke='#fff' stroke-width='2.2'/></svg>`;

/** The same for the browser's tab. It stands in the page: no second request, and none to anywhere. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(DRAWN)}`;

export function Brand({ href }: { href: string }) {
  return (
    <a class="brand" href={href}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={SCREEN} fill="currentColor" />
        <path class="prompt" d={PROMPT} fill="none" stroke-width="2.2" />
      </svg>
      Gentity
    </a>
  );
}
