import type { DaytonaApi } from "../api.ts";

export type Inside =
  | { type: "running" }
  /** The sandbox is up, and bills, until somebody stops it; but what it was made for is over. */
  | { type: "ended"; exitCode: number }
  /** Nobody answers in it. */
  | { type: "silent" };

/** Whether the main command of a started sandbox runs. One without any has nothing that could end. */
export async function lookInside(api: DaytonaApi, id: string): Promise<Inside> {
  const session = await api.entrypoint(id);
  if (!session.ok) return { type: session.failure.kind === "inner_absent" ? "running" : "silent" };
  const exitCode = session.value.commands[0]?.exitCode;
  return exitCode === undefined || exitCode === null ? { type: "running" } : { type: "ended", exitCode };
}
