import { raw } from "hono/html";
import type { LiveKind } from "./live-parts.tsx";

/** What says of an element that an instance is followed in it, and from which rendering on. */
export function liveData(kind: LiveKind, row: { id: string; state: string }, mark: string) {
  return { "data-instance": row.id, "data-kind": kind, "data-mark": mark, "data-state": row.state };
}

/** A part of it, which is replaced as a whole; `html` is what `renderParts` made of it. */
export function Live({ name, html }: { name: string; html: string }) {
  return <div data-part={name}>{raw(html)}</div>;
}
