/** One line per event on stderr: a word for what happened, then its facts. No secrets: callers pass ids and reasons only. */
export type Log = (event: string, facts?: Record<string, string | number | boolean | undefined>) => void;

export function stderrLog(): Log {
  return (event, facts = {}) => {
    const words = Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${/\s/.test(String(value)) ? JSON.stringify(value) : value}`);
    process.stderr.write(`${[new Date().toISOString(), event, ...words].join(" ")}\n`);
  };
}

export const silentLog: Log = () => {};
