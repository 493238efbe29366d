export interface Notice {
  status: number;
  title: string;
  message: string;
  hint?: string;
  /** A page that reloads itself, after this many seconds. */
  retryAfterSeconds?: number;
  /** It is being worked on, and the page shows that. */
  isUnderWay?: boolean;
}

const STYLE = `:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;display:grid;min-height:90vh;place-content:center;margin:0;padding:1.5rem;background:light-dark(#fbfbf9,#131315);color:light-dark(#222,#e8e8e6)}main{max-width:34rem}h1{font-size:1.5rem;margin:0 0 .5rem}p{margin:.5rem 0}.hint{color:light-dark(#555,#aaa)}.code{font:0.85rem ui-monospace,monospace;color:light-dark(#777,#888)}.bar{height:4px;border-radius:2px;overflow:hidden;background:light-dark(#e4e4e0,#2a2a2c);margin:1rem 0}.bar i{display:block;width:40%;height:100%;background:light-dark(#3a6ea5,#7fb0e0);animation:go 1.2s ease-in-out infinite alternate}@keyframes go{to{transform:translateX(150%)}}@media(prefers-reduced-motion:reduce){.bar i{animation:none;width:100%}}`;

/** What the edge says itself: a page to a browser, JSON to a program. Never cached. */
export function noticeResponse(request: Request, notice: Notice): Response {
  const headers = new Headers({ "Cache-Control": "no-store" });
  if (notice.retryAfterSeconds !== undefined) {
    headers.set("Retry-After", String(notice.retryAfterSeconds));
  }
  if (request.headers.get("Accept")?.includes("text/html")) {
    headers.set("Content-Type", "text/html; charset=utf-8");
    return new Response(page(notice), { status: notice.status, headers });
  }
  headers.set("Content-Type", "application/json");
  const { title, message, hint } = notice;
  return new Response(`${JSON.stringify({ error: `${title}. ${message}`, hint })}\n`, {
    status: notice.status,
    headers,
  });
}

/** Without an icon of its own a browser would ask the address a second time, which counts as a second miss. */
function page({ status, title, message, hint, retryAfterSeconds, isUnderWay }: Notice): string {
  const refresh =
    retryAfterSeconds === undefined ? "" : `<meta http-equiv="refresh" content="${retryAfterSeconds}">`;
  const bar = isUnderWay ? '<div class="bar" role="progressbar" aria-label="in progress"><i></i></div>' : "";
  const hintLine = hint === undefined ? "" : `<p class="hint">${escapeHtml(hint)}</p>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><link rel="icon" href="data:,">${refresh}<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p>${bar}${hintLine}<p class="code">${status}</p></main></body></html>`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
