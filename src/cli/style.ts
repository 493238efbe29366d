/** Colours and marks, or nothing of the kind. */
export interface Style {
  readonly enabled: boolean;
  bold: (text: string) => string;
  dim: (text: string) => string;
  red: (text: string) => string;
  green: (text: string) => string;
  yellow: (text: string) => string;
  cyan: (text: string) => string;
}

/** Whether a stream should be coloured: a terminal that can, and a person who did not say no. */
export function wantsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** A style that colours, or one that leaves text as it is. */
export function createStyle(enabled: boolean): Style {
  const paint = (open: number, close: number) => (text: string) =>
    enabled && text !== "" ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    enabled,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

const COLOR_OF_STATUS: Record<string, "green" | "yellow" | "red" | "dim" | "cyan"> = {
  running: "green",
  suspended: "cyan",
  stopped: "dim",
  deleted: "dim",
  error: "red",
};

/** A status with its dot; whatever is on its way somewhere is yellow. */
export function statusText(status: string, style: Style): string {
  const color = COLOR_OF_STATUS[status] ?? "yellow";
  return `${style[color]("●")} ${status}`;
}
