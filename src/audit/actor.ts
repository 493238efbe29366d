/** Who did it. Stored and shown as `type:id`. */
export type Actor =
  | { type: "token"; id: string }
  | { type: "user"; id: string }
  | { type: "system"; id: string }
  /** The host program on an instance's server; its id is the instance's. */
  | { type: "host"; id: string }
  | { type: "operator"; id: string }
  /** Whoever asked for an instance's URL: nobody that is known by name. */
  | { type: "edge"; id: "request" };

export function formatActor(actor: Actor): string {
  return `${actor.type}:${actor.id}`;
}
