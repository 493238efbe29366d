import type { AuditAction } from "../../audit/entry.ts";

type Detail = Readonly<Record<string, unknown>>;

/** What each event of an instance is called here. Of its detail only what is named is shown. */
const WORDS: Partial<Record<AuditAction, (detail: Detail) => string>> = {
  "instance.create": ({ release, clonedFrom }) =>
    `created on release ${text(release)}${clonedFrom === undefined ? "" : `, as a clone of ${text(clonedFrom)}`}`,
  "instance.start": () => "start asked for",
  "instance.stop": () => "stop asked for",
  "instance.restart": () => "restart asked for",
  "instance.suspend": ({ reason }) => `suspend asked for${because(reason)}`,
  "instance.resume": ({ reason }) => `resume asked for${because(reason)}`,
  "instance.update": ({ after }) => `changed: ${Object.keys(record(after)).map(spaced).join(", ")}`,
  "instance.hold": ({ seconds, reason }) =>
    seconds === 0 ? "let the hold go" : `hold for ${Number(seconds) / 3600} h${because(reason)}`,
  "instance.wake_missed": ({ reason }) => `its schedule came, and it was not woken${because(reason)}`,
  "instance.delete": () => "delete asked for",
  "instance.rotate_url": () => "gave it a new address",
  "transfer.offer": ({ receiver }) => `offered it to ${text(receiver)}`,
  "transfer.accept": ({ to }) => (to === undefined ? "took it over" : "the receiver accepted it"),
  "transfer.decline": () => "the receiver declined it",
  "transfer.cancel": () => "withdrew the offer",
  "transfer.expire": () => "the offer expired",
  "instance.state": ({ from, to, reason }) => `${text(from)} → ${text(to)}${because(reason, [to, from])}`,
  "instance.create_interrupted": () => "its creation was cut off",
  "instance.exec": ({ command, exitCode, cancelled }) => execWords(command, exitCode, cancelled),
  "instance.terminal": () => "opened a terminal",
  "instance.link": ({ expiresAt }) =>
    `made a signed link until ${text(expiresAt).slice(0, 16).replace("T", " ")} UTC`,
  "host.enrol": () => "its server's host program enrolled",
  "host.enrol_refused": () => "another host tried to enrol for it, and was refused",
};

export function eventWords({ action, detail }: { action: string; detail: Detail | null }): string {
  const words = WORDS[action as AuditAction];
  return words ? words(detail ?? {}) : action;
}

function execWords(command: unknown, exitCode: unknown, cancelled: unknown): string {
  if (cancelled === true) {
    return "cancelled a command";
  }
  const ran = command === undefined ? "a command ended" : `ran: ${text(command)}`;
  return typeof exitCode === "number" ? `${ran} (exit ${exitCode})` : ran;
}

/** Unless it says no more than the words do. */
function because(reason: unknown, known: unknown[] = []): string {
  return typeof reason === "string" && reason !== "" && !known.includes(reason) ? ` (${reason})` : "";
}

function spaced(name: string): string {
  return name.replace(/Seconds$/, "").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function record(value: unknown): Detail {
  return typeof value === "object" && value !== null ? (value as Detail) : {};
}
