import { constants } from "node:os";

/** How a process ended: by a code of its own, or by a signal. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** From here on a code stands for the signal that ended the process, as in a shell. */
const SIGNAL_CODES = 128;

/**
 * How a process ended, as far as Docker tells: it reports a signal as a code above 128, and so looks a program that exits with
 * such a code by itself.
 */
export function endingOf(code: number): Ending {
  const signal = Object.entries(constants.signals).find(([, number]) => SIGNAL_CODES + number === code)?.[0];
  return signal === undefined ? { code, signal: null } : { code: null, signal: signal as NodeJS.Signals };
}
