import type { Agent } from "../../../catalog/agent.ts";
import { inferProvider } from "../../../catalog/models.ts";
import { VOLUME_GB } from "../../../catalog/sizes.ts";
import type { AppError, ErrorCode } from "../../../errors.ts";
import type { InstanceRow } from "../../../instance/projection.ts";
import { ACCESS_MODES, type Access } from "../../../instance/record.ts";
import type { CreateInput } from "../../../services/instances/create.ts";
import {
  LABEL_NAME,
  MAX_IDLE_SECONDS,
  MAX_LABEL_LENGTH,
  MAX_LABELS,
  MAX_NAME_LENGTH,
} from "../../../services/instances/field-rules.ts";
import { defaultPlace, type Options, placeKey, sizeKey } from "./options.ts";

/** What stands in the form's fields. The model key is not among them: it is never rendered. */
export interface Values {
  agent: string;
  model: string;
  otherModel: string;
  place: string;
  size: string;
  volumeGb: string;
  name: string;
  labels: string;
  access: string;
  idleMinutes: string;
}
export type FieldName = keyof Values | "apiKey";
export type Mistakes = Partial<Record<FieldName | "form", string>>;

/** What is asked for, all but the id. */
export type Wish = Omit<CreateInput, "id" | "waitSeconds">;

/** What a new form says about an agent: its own first model, size and volume. */
export function newValues({ agents, places }: Options, wanted: string | undefined): Values {
  const agent = agents.find(({ id }) => id === wanted) ?? agents[0];
  return {
    agent: agent?.id ?? "",
    model: firstModel(agent),
    otherModel: "",
    place: defaultPlace(places),
    size: agent ? sizeKey(agent.size) : "",
    volumeGb: String(agent?.size.volumeGb ?? 1),
    name: "",
    labels: "",
    access: "link",
    idleMinutes: "",
  };
}

/** The choices that an instance was made with. */
export function valuesLike(row: InstanceRow, options: Options): Values {
  const agent = options.agents.find(({ id }) => id === row.agentType);
  const model = modelKey({ provider: row.modelProvider, name: row.modelName });
  const isListed = agent?.models.some((each) => modelKey(each) === model) ?? false;
  return {
    ...newValues(options, row.agentType),
    ...(isListed ? { model } : { otherModel: row.modelName }),
    place: row.provider === "daytona" ? "" : placeKey({ provider: row.provider, region: row.region }),
    size: sizeKey(row.spec),
    volumeGb: String(row.spec.volumeGb),
    name: row.name,
    labels: Object.entries(row.labels)
      .map(([key, value]) => (value === "" ? key : `${key}=${value}`))
      .join("\n"),
    access: row.access,
    idleMinutes: row.idleTimeoutSeconds === null ? "" : String(row.idleTimeoutSeconds / 60),
  };
}

/** `anthropic:claude-sonnet-5-5`. */
export function modelKey({ provider, name }: { provider: string; name: string }): string {
  return `${provider}:${name}`;
}

function firstModel(agent: Agent | undefined): string {
  const [model] = agent?.models ?? [];
  return model ? modelKey(model) : "";
}

export function readValues(form: Readonly<Record<string, unknown>>, fallback: Values): Values {
  const entries = Object.entries(fallback).map(([name, value]) => {
    const sent = form[name];
    return [name, typeof sent === "string" ? sent.trim() : value];
  });
  return Object.fromEntries(entries) as Values;
}

/** What the fields ask for, or each one's mistake. What only the verb can judge is left to it. */
export function toWish(values: Values, apiKey: string): { wish: Wish; mistakes: Mistakes } {
  const mistakes: Mistakes = {};
  const [provider = "", ...rest] = values.model.split(":");
  const model =
    values.otherModel === ""
      ? { provider, name: rest.join(":") }
      : { provider: inferProvider(values.otherModel), name: values.otherModel };
  const [placeProvider = "", region = ""] = values.place.split(":");
  const [cpuKind = "", cpus = "", memoryMb = ""] = values.size.split("-");
  const volumeGb = Number(values.volumeGb);
  if (!Number.isInteger(volumeGb) || volumeGb < VOLUME_GB.min || volumeGb > VOLUME_GB.max) {
    mistakes.volumeGb = `A whole number of GB, from ${VOLUME_GB.min} to ${VOLUME_GB.max}.`;
  }
  if (placeProvider !== "fly" && placeProvider !== "hetzner") {
    mistakes.place = "Choose where it is to be.";
  }
  if (!(cpuKind === "shared" || cpuKind === "performance")) {
    mistakes.size = "Choose a size.";
  }
  if (values.name.length > MAX_NAME_LENGTH) {
    mistakes.name = `At most ${MAX_NAME_LENGTH} characters.`;
  }
  const labels = readLabels(values.labels, mistakes);
  const access = readAccess(values.access, mistakes);
  const idleTimeoutSeconds = readIdle(values.idleMinutes, mistakes);
  const wish: Wish = {
    agentType: values.agent,
    modelProvider: model.provider,
    modelName: model.name,
    apiKey,
    provider: placeProvider === "hetzner" ? "hetzner" : "fly",
    region,
    spec: {
      cpuKind: cpuKind === "performance" ? "performance" : "shared",
      cpus: Number(cpus),
      memoryMb: Number(memoryMb),
      volumeGb,
    },
    labels,
    access,
    idleTimeoutSeconds,
    ...(values.name !== "" && { name: values.name }),
  };
  return { wish, mistakes };
}

function readLabels(text: string, mistakes: Mistakes): Record<string, string> {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const pairs = lines.map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? ([line, ""] as const) : ([line.slice(0, at).trim(), line.slice(at + 1).trim()] as const);
  });
  const wrong = pairs.find(([key, value]) => !LABEL_NAME.test(key) || value.length > MAX_LABEL_LENGTH);
  if (wrong) {
    mistakes.labels = `"${wrong[0].slice(0, 40)}" is no label: letters, digits and . _ / - before the =, at most ${MAX_LABEL_LENGTH} characters after it.`;
  } else if (pairs.length > MAX_LABELS) {
    mistakes.labels = `At most ${MAX_LABELS} labels.`;
  }
  return Object.fromEntries(pairs);
}

function readAccess(text: string, mistakes: Mistakes): Access {
  const access = ACCESS_MODES.find((known) => known === text);
  if (!access) {
    mistakes.access = "Choose who may open it.";
  }
  return access ?? "link";
}

function readIdle(text: string, mistakes: Mistakes): number | null {
  if (text === "") {
    return null;
  }
  const seconds = Math.round(Number(text) * 60);
  if (!Number.isFinite(seconds) || seconds < 1 || seconds > MAX_IDLE_SECONDS) {
    mistakes.idleMinutes = `Minutes, up to ${MAX_IDLE_SECONDS / 60}; empty: never.`;
    return null;
  }
  return seconds;
}

const FIELD_OF: Partial<Record<ErrorCode, FieldName>> = {
  unknown_agent: "agent",
  model_not_accepted: "model",
  invalid_api_key: "apiKey",
  unknown_region: "place",
  invalid_size: "size",
};

/** Where a refusal of the verb is shown. */
export function mistakeOf(error: AppError, values: Values): Mistakes {
  const words = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  const [detail] = (error.details ?? []) as { field?: string }[];
  if (detail?.field === "idleTimeoutSeconds") {
    return { idleMinutes: words };
  }
  const field = FIELD_OF[error.code];
  // What the command line would be told to do about the key is of no use here.
  if (field === "apiKey") {
    return { apiKey: error.message };
  }
  if (field === "model" && values.otherModel !== "") {
    return { otherModel: words };
  }
  return { [field ?? "form"]: words };
}
