import { FitAddon } from "/assets/addon-fit.mjs";
import { Terminal } from "/assets/xterm.mjs";

const RETRY_MS = [250, 500, 1000, 2000, 4000];
/** Told at once for each chunk, acknowledgements would be as many as the chunks. */
const ACK_EVERY = 64 * 1024;

const status = document.querySelector("#status");
const ended = document.querySelector("#ended");
const reader = document.querySelector("#reader");

const term = new Terminal({
  cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSize: 14,
  scrollback: 10_000,
  screenReaderMode: localStorage.getItem("reader") === "on",
  theme: { background: "#0b0e12", foreground: "#d7dde5", cursor: "#58d3a8", selectionBackground: "#2f4a5a" },
});
const fit = new FitAddon();
term.loadAddon(fit);
term.open(document.querySelector("#screen"));

let socket;
let attempts = 0;
let undrawn = 0;
let isEnded = false;

function show(state, text) {
  status.dataset.state = state;
  const line = status.querySelector(".text");
  if (line.textContent !== text) line.textContent = text;
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function sendSize() {
  const size = fit.proposeDimensions();
  if (size?.cols > 0 && size.rows > 0) send({ type: "resize", cols: size.cols, rows: size.rows });
}

function acknowledge(chars) {
  undrawn += chars;
  if (undrawn < ACK_EVERY) return;
  send({ type: "ack", chars: undrawn });
  undrawn = 0;
}

function setEnded(message) {
  isEnded = message !== undefined;
  ended.hidden = !isEnded;
  // Some programs say nothing for a while; an empty screen alone would look broken.
  if (!isEnded) return show("starting", "Starting…");
  const how = message.signal
    ? `was ended by signal ${message.signal}`
    : `ended with code ${message.exitCode}`;
  ended.querySelector("p").textContent = `The session ${how}.`;
  show("ended", "Session ended");
}

function receive(message) {
  if (message.type === "output") {
    if (status.dataset.state === "starting") show("open", "Connected");
    term.write(message.data, () => acknowledge(message.data.length));
  }
  if (message.type === "size") term.resize(message.cols, message.rows);
  if (message.type === "exit") setEnded(message);
  if (message.type === "reset") {
    term.reset();
    setEnded(undefined);
  }
}

function connect() {
  show("connecting", "Connecting…");
  const url = new URL("/terminal", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const opening = new WebSocket(url);
  socket = opening;
  opening.addEventListener("open", () => {
    attempts = 0;
    undrawn = 0;
    send({ type: "ack", chars: 0 });
    sendSize();
  });
  opening.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  opening.addEventListener("close", () => {
    show("lost", "Reconnecting…");
    setTimeout(connect, RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)]);
    attempts += 1;
  });
}

function startAgain() {
  send({ type: "start" });
  term.focus();
}

term.onData((data) => {
  if (!isEnded) send({ type: "input", data });
  else if (data === "\r") startAgain();
});
// Tab belongs to the terminal, so there must be another way out by keyboard.
term.attachCustomKeyEventHandler((event) => {
  if (!(event.shiftKey && event.key === "Escape")) return true;
  if (event.type === "keydown") reader.focus();
  return false;
});
document.querySelector("#again").addEventListener("click", startAgain);
document.querySelector("#terminal").addEventListener("focus", () => term.focus());
reader.checked = term.options.screenReaderMode;
reader.addEventListener("change", () => {
  term.options.screenReaderMode = reader.checked;
  localStorage.setItem("reader", reader.checked ? "on" : "off");
});
new ResizeObserver(sendSize).observe(document.querySelector("#terminal"));
await document.fonts.ready;
connect();
term.focus();
