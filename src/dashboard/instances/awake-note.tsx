import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { Moment } from "../layout/parts.tsx";
import { capitalized, withoutAddress } from "./words.ts";

type Noted = Pick<
  InstanceRow,
  "id" | "subdomain" | "state" | "problem" | "progress" | "wakeAt" | "idleTimeoutSeconds" | "exposure"
> &
  Partial<Pick<InstanceNow, "awake">>;

/** Why an instance is awake, and until when; else why it is not, or what is being done. */
export function AwakeNote({ instance }: { instance: Noted }) {
  const { state, problem, progress, wakeAt } = instance;
  switch (state) {
    case "running":
      return <WhyAwake instance={instance} />;
    case "suspended":
      return wakeAt === null ? (
        <span>
          Asleep; {instance.exposure === "public" ? "the next request" : "the next command"} wakes it
        </span>
      ) : (
        <span>
          Asleep; wakes <Moment at={wakeAt} />, or at the next{" "}
          {instance.exposure === "public" ? "request" : "command"}
        </span>
      );
    case "stopped":
      return <span>Stopped; stays so until it is started</span>;
    case "error":
      return <span class="mistake">{withoutAddress(problem?.message ?? "Failed", instance)}</span>;
    default:
      return <span>{progress === null ? `${state}…` : capitalized(progress)}</span>;
  }
}

function WhyAwake({ instance: { awake, idleTimeoutSeconds } }: { instance: Noted }) {
  if (!awake) {
    return idleTimeoutSeconds === null ? <span>Runs until it is stopped</span> : <span>Awake</span>;
  }
  // Until when comes first: a long reason may be cut short.
  return (
    <span title={awake.reason}>
      {idleTimeoutSeconds === null ? "In use" : "Awake"} until <Moment at={awake.until} />: {awake.reason}
    </span>
  );
}
