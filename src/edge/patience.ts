import { describeError, logEvent } from "../log.ts";

/** Longer than this neither a record nor an object is waited for, in milliseconds: what is known must do. */
const PATIENCE_MS = 3_000;

/** @throws when the work fails, or takes too long; then it is written down as `event`. */
export async function patiently<T>(event: string, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
    stop = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    logEvent(event, { level: "error", cause: describeError(error) });
    throw error;
  } finally {
    stop();
  }
}
