/** A vendor's double as the contract suite sees it, and the way provisioning would go about it. */
import type {
  MachineRecipe,
  MachineSpec,
  MachineState,
  Outcome,
  Provider,
  Step,
  StepValue,
  Target,
} from "../../src/providers/provider.ts";

/** The calls that change something, by the step that makes them. */
export const WRITES = [
  "place",
  "volume",
  "machine",
  "start",
  "stop",
  "unmachine",
  "unvolume",
  "unplace",
] as const;
export type Write = (typeof WRITES)[number];

export type FaultKind =
  | "latency"
  | "rate_limit"
  | "error_before"
  | "error_after"
  | "lost_answer"
  | "capacity"
  | "unknown_state"
  | "vanish";

export interface Fault {
  kind: FaultKind;
  /** What it strikes: the one writing call of a step, or every look at a machine. */
  at: Write | "observe";
  /** How often; once when absent. */
  count?: number;
}

export interface Count {
  places: number;
  volumes: number;
  machines: number;
}

export const NOTHING: Count = { places: 0, volumes: 0, machines: 0 };

export interface Subject {
  provider: Provider;
  /** The same vendor with a token it does not know. */
  stranger: Provider;
  newTarget(more?: Partial<Target>): Target;
  recipe(more?: Partial<MachineRecipe>): MachineRecipe;
  /** Serves by itself, and answers its health path. */
  servingRecipe(): MachineRecipe;
  order(fault: Fault): Promise<void>;
  calm(): Promise<void>;
  /** What the vendor really has of an instance, asked behind the provider's back. */
  count(target: Target): Promise<Count>;
  /** The vendor loses the volume without a word. */
  loseVolume(target: Target): Promise<void>;
  /** Somebody else has a name of ours: what would make the thing, and what would remove it. */
  squat(target: Target): Promise<{ make: Step; remove: Step }>;
  traits: {
    /** The steps that change something here, where others have nothing to do; absent: all of them. */
    writes?: readonly Write[];
    /** Whether a machine has a page that people reach; absent: it has. */
    serves?: boolean;
    suspends: boolean;
    /** What is refused to be suspended, and what the refusal says. */
    unsuspendable: { target: Partial<Target>; because: string };
    /** A size the vendor does not have. */
    unsizable: MachineSpec;
  };
}

/** Whether a step changes something at this vendor. */
export function doesWrite({ traits }: Subject, step: Step): boolean {
  return (traits.writes ?? WRITES).some((write) => write === step);
}

/** What the vendor has of an instance that is whole. */
export function wholeOf(subject: Subject): Count {
  const one = (step: Step) => (doesWrite(subject, step) ? 1 : 0);
  return { places: one("place"), volumes: one("volume"), machines: one("machine") };
}

const HOLD_MS = 3_000;
/** A step that is not done by then never will be. */
export const TRIES = 40;

export const UP: readonly Step[] = ["place", "address", "volume", "machine", "boot", "ready"];
export const DOWN: readonly Step[] = ["unmachine", "unvolume", "unplace", "gone"];

/** What comes before a step in a creation. */
export function before(step: Step): readonly Step[] {
  return UP.slice(0, UP.indexOf(step));
}

function take(target: Target, outcome: Outcome<StepValue>): void {
  if (outcome.type === "ok") Object.assign(target.refs, outcome.value.refs);
}

export function run(
  subject: Subject,
  step: Step,
  target: Target,
  recipe?: MachineRecipe,
): Promise<Outcome<StepValue>> {
  const options = {
    holdMs: HOLD_MS,
    recipe,
    service: { port: recipe?.port, healthPath: recipe?.healthPath },
  };
  return subject.provider.run(step, target, options);
}

/** Does one step as provisioning would: again until it is done or refused, whatever happens in between. */
export async function drive(
  subject: Subject,
  step: Step,
  target: Target,
  recipe: MachineRecipe = subject.recipe(),
): Promise<Outcome<StepValue>> {
  let outcome: Outcome<StepValue> = { type: "retry", afterMs: 0, cause: "not tried" };
  for (let tries = 0; tries < TRIES; tries++) {
    outcome = await run(subject, step, target, recipe);
    if (outcome.type === "ok" || outcome.type === "rejected") break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  take(target, outcome);
  return outcome;
}

export async function driveAll(
  subject: Subject,
  steps: readonly Step[],
  target: Target,
  recipe: MachineRecipe = subject.recipe(),
): Promise<void> {
  for (const step of steps) {
    const outcome = await drive(subject, step, target, recipe);
    if (outcome.type !== "ok") throw new Error(`${step}: ${JSON.stringify(outcome)}`);
  }
}

export async function stateOf(subject: Subject, target: Target): Promise<MachineState | undefined> {
  const outcome = await drive(subject, "observe", target);
  return outcome.type === "ok" ? outcome.value.observed?.machine : undefined;
}
