/** What the command's exit code tells a script. Part of the public surface: `gentity help exit-codes`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  unauthorized: 3,
  notFound: 4,
  conflict: 5,
  unreachable: 7,
  cancelled: 130,
} as const;

/** How `compute exec` and `compute ssh` report a command that ran out of time, as `timeout(1)` does. */
export const EXIT_TIMED_OUT = 124;

export const EXIT_MEANINGS: readonly [code: string, meaning: string][] = [
  ["0", "it worked"],
  ["1", "it failed"],
  ["2", "the command line is wrong"],
  ["3", "not logged in, or the token was refused"],
  ["4", "no such thing"],
  ["5", "conflict: the present state does not allow it, or several instances match"],
  ["7", "the API cannot be reached"],
  ["130", "cancelled, by Ctrl-C or by not confirming"],
  ["", ""],
  ["n", "compute exec, compute ssh, run: the exit code of the remote command"],
  ["124", "compute exec, run: the command ran out of time"],
  ["128+n", "compute exec, compute ssh, run: the remote command ended by signal n"],
];
