import type { ActorName } from "../../services/account/actors.ts";

/** Who did it, as `services/account/actors.ts` names them; the exact actor is where one points. */
export function ActorLabel({ actor, names }: { actor: string; names: ReadonlyMap<string, ActorName> }) {
  const known = names.get(actor);
  return (
    <span class="actor" title={actor}>
      {known?.kind === "token" ? "token " : ""}
      {known?.name ?? actor}
    </span>
  );
}
