/** A command's output as it comes; without JavaScript the same form's answer is a page. */

import { readSse } from "../../sdk/sse.ts";
import type { Readiness } from "../instance/console/readiness.ts";
import { find } from "./parts/find.ts";

/** As much of each output as the API shows, in characters. */
const MAX_CHARACTERS = 1024 * 1024;

const form = find<HTMLFormElement>("#exec");
const runButton = find<HTMLButtonElement>("#exec button[type=submit]");
const stopButton = find<HTMLButtonElement>("#exec-stop");
const result = find("#exec-result");
const ending = find("#exec-ending");
const facts = find("#exec-facts");
const problem = find("#exec-problem");
const outputs = { stdout: find("#exec-stdout"), stderr: find("#exec-stderr") };

let running: AbortController | undefined;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running) {
    void run();
  }
});
stopButton.addEventListener("click", () => running?.abort());
find("#command").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    form.requestSubmit();
  }
});

async function run(): Promise<void> {
  running = new AbortController();
  begin();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    fields.append(name, String(value));
  }
  // Each press is a command of its own.
  fields.set("nonce", crypto.randomUUID().replaceAll("-", ""));
  let isOver = false;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "text/event-stream" },
      body: fields,
      signal: running.signal,
    });
    if (!answer.body || !answer.headers.get("Content-Type")?.includes("text/event-stream")) {
      const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : undefined;
      throw new Error(told?.error ?? "You are signed out. Load the page again.");
    }
    for await (const { event, data } of readSse(answer.body)) {
      isOver = take(event, JSON.parse(data)) || isOver;
    }
    if (!isOver) {
      throw new Error("The connection was lost. Whether the command went on is not known.");
    }
  } catch (error) {
    fail(running.signal.aborted ? "Stopped: the command is being ended." : (error as Error).message);
  }
  running = undefined;
  runButton.disabled = false;
  stopButton.hidden = true;
}

function begin(): void {
  runButton.disabled = true;
  stopButton.hidden = false;
  problem.replaceChildren();
  for (const mistake of form.querySelectorAll("[aria-invalid]")) {
    mistake.removeAttribute("aria-invalid");
  }
  result.hidden = false;
  // What streams in moves nothing: its room is there from the start.
  result.classList.add("streamed");
  ending.textContent = "Starting …";
  facts.textContent = "";
  outputs.stdout.textContent = "";
  outputs.stderr.textContent = "";
}

interface Told {
  mistakes: Record<string, string>;
  readiness: Readiness;
  substrate: string;
  text: string;
  ending: string;
  facts: string;
  error: string;
  hint?: string;
}

/** @returns whether that was the last word. */
function take(event: string, data: Told): boolean {
  switch (event) {
    case "begin":
      if (data.readiness.type === "wakes") {
        ending.textContent = data.readiness.note;
      }
      return false;
    case "running":
      ending.textContent = `Running on ${data.substrate} …`;
      facts.textContent = "It ends when you leave this page.";
      return false;
    case "stdout":
    case "stderr":
      show(event, data.text);
      return false;
    case "exit":
      ending.textContent = data.ending;
      facts.textContent = `${data.facts}${isCut() ? " · truncated: each output is cut at 1 MiB" : ""}`;
      return true;
    case "mistakes":
      showMistakes(data.mistakes);
      return true;
    case "problem":
      fail(data.error);
      return true;
    default:
      return false;
  }
}

/** Text only: a command writes whatever it likes. */
function show(name: keyof typeof outputs, text: string): void {
  const place = outputs[name];
  const room = MAX_CHARACTERS - (place.textContent?.length ?? 0);
  place.append(text.slice(0, Math.max(0, room)));
}

function isCut(): boolean {
  return Object.values(outputs).some((place) => (place.textContent?.length ?? 0) >= MAX_CHARACTERS);
}

function showMistakes(mistakes: Record<string, string>): void {
  result.hidden = true;
  const texts = Object.entries(mistakes).map(([name, text]) => {
    form.querySelector(`[name=${name}]`)?.setAttribute("aria-invalid", "true");
    return `${form.querySelector(`label[for=${name}]`)?.textContent ?? name}: ${text}.`;
  });
  note(texts.join(" "));
}

function fail(why: string): void {
  ending.textContent = ending.textContent?.startsWith("Running") ? "Not seen to end" : "Did not run";
  note(why);
}

function note(text: string): void {
  const place = document.createElement("div");
  place.className = "note bad";
  const words = document.createElement("p");
  words.textContent = text;
  place.append(words);
  problem.replaceChildren(place);
}
