import { truncate, widthOf } from "./text.ts";

/** A column; one that may shrink gives way when the terminal is narrow. */
export interface Column {
  title: string;
  shrinks?: boolean;
}

const GAP = "  ";
const NARROWEST = 8;

/** Aligned lines, the titles first. Without `maxWidth` nothing is cut. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { maxWidth?: number; title: (text: string) => string },
): string[] {
  const natural = columns.map((column, at) =>
    Math.max(column.title.length, ...rows.map((row) => widthOf(row[at] ?? ""))),
  );
  const widths = fit(columns, natural, options.maxWidth);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => pad(truncateCell(cell, widths[at] ?? 0, columns[at]), widths[at] ?? 0))
      .join(GAP)
      .trimEnd();
  return [options.title(line(columns.map((column) => column.title))), ...rows.map(line)];
}

/** Takes what is too much from the widest column that may shrink, again and again. */
function fit(columns: readonly Column[], natural: readonly number[], maxWidth?: number): number[] {
  const widths = [...natural];
  if (maxWidth === undefined) return widths;
  const total = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  while (total() > maxWidth) {
    const candidates = widths.map((width, at) => (columns[at]?.shrinks && width > NARROWEST ? width : 0));
    const widest = candidates.indexOf(Math.max(...candidates));
    if (candidates[widest] === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** Only columns that shrink hold plain text; the others may hold colour codes, which must not be cut. */
function truncateCell(cell: string, width: number, column?: Column): string {
  return column?.shrinks ? truncate(cell, width) : cell;
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - widthOf(cell)));
}

/** Lines of `name  value`, the values aligned. */
export function renderFields(
  fields: readonly (readonly [name: string, value: string | null | undefined])[],
  name: (text: string) => string,
): string[] {
  const shown = fields.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const width = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${name(label.padEnd(width))}  ${value}`);
}
