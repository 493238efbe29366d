interface Closing {
  code: number;
  reason: string;
  exit?: { exitCode: number | null; signal: string | null };
  wasOpen: boolean;
}

/** The codes of `src/api/instances/terminal.ts`, whose reasons are written for people. */
const TOLD = [4400, 4401];

/** Why a terminal is over. */
export function closingWords({ code, reason, exit, wasOpen }: Closing): string {
  if (exit) {
    const by = exit.signal === null ? "" : `, by ${exit.signal}`;
    return exit.exitCode === null
      ? "The shell ended."
      : `The shell ended with exit code ${exit.exitCode}${by}.`;
  }
  if (TOLD.includes(code)) {
    return `${reason.replace(/\.$/, "")}.`;
  }
  if (code === 1000) {
    return "You ended the shell.";
  }
  return wasOpen
    ? "The connection was lost, and the shell ended with it."
    : "The connection could not be opened.";
}
