import { type InstanceRecord, type Job, RECORD_DEFAULTS } from "./record.ts";

/** Records and jobs for tests: a plain running instance, with what matters overridden. */
export function aRecord(over: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    ...RECORD_DEFAULTS,
    id: "cmp01test",
    accountId: "acc_1",
    subdomain: "cl-x7k2m9q4",
    name: "Claude Code - claude-sonnet-4-6",
    agentType: "claude-code",
    pin: { release: "2.1.329", image: "example/claude-code:2.1.329" },
    modelProvider: "anthropic",
    modelName: "claude-sonnet-4-6",
    provider: "fly",
    region: "iad",
    spec: { cpuKind: "shared", cpus: 1, memoryMb: 2048, volumeGb: 5 },
    exposure: "public",
    service: { port: 7681, healthPath: "/" },
    workspaceId: null,
    access: "link",
    idleTimeoutSeconds: null,
    wakeAt: null,
    labels: {},
    sealedRecipe: "",
    createdAt: 0,
    updatedAt: 0,
    deletedAt: null,
    desired: "running",
    generation: 1,
    refs: { place: "app", volume: "vol", machine: "m1" },
    observed: { machine: "started", vendorState: "started" },
    job: null,
    problem: null,
    lastSuspend: null,
    checkAt: Number.MAX_SAFE_INTEGER,
    version: 1,
    ...over,
  };
}

export function aJob(over: Partial<Job> = {}): Job {
  return {
    goal: "create",
    step: 0,
    attempts: 0,
    startedAt: 0,
    dueAt: 0,
    calledUntil: 0,
    lease: null,
    note: null,
    failure: null,
    ...over,
  };
}
