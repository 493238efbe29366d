/** An instance's terminal: opened on demand, by a ticket that is good for one connection. */
import type { Readiness } from "../instance/console/readiness.ts";
import { find } from "./parts/find.ts";
import { closingWords } from "./parts/terminal/closing.ts";
import type { Screen, ScreenOptions } from "./terminal-screen.ts";

const root = find<HTMLElement>("#terminal");
const place = find<HTMLElement>("#terminal-screen");
const status = find("#terminal-status");
const openButton = find<HTMLButtonElement>("#terminal-open");
const closeButton = find<HTMLButtonElement>("#terminal-close");
const reader = find<HTMLInputElement>("#terminal-reader");

let screen: Screen | undefined;
let socket: WebSocket | undefined;

openButton.addEventListener("click", () => void open());
closeButton.addEventListener("click", () => socket?.close(1000));
reader.addEventListener("change", () => screen?.setReading(reader.checked));

async function open(): Promise<void> {
  openButton.disabled = true;
  status.textContent = "Opening …";
  try {
    const [ticket, shown] = await Promise.all([getTicket(), getScreen()]);
    const { readiness } = ticket;
    if (readiness.type === "stopped" || readiness.type === "no") {
      // Since the page was made: it says by itself what can be done about it.
      location.reload();
      return;
    }
    status.textContent = readiness.type === "wakes" ? readiness.note : "Opening …";
    shown.reset();
    connect(shown, ticket.path);
  } catch (error) {
    ended(error instanceof Error ? error.message : String(error));
  }
}

async function getTicket(): Promise<{ path: string; readiness: Readiness }> {
  const answer = await fetch(root.dataset.ticket ?? "", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ formToken: root.dataset.formToken ?? "" }),
  }).catch(() => {
    throw new Error("The dashboard cannot be reached.");
  });
  if (!answer.headers.get("Content-Type")?.includes("application/json")) {
    throw new Error("You are signed out. Load the page again.");
  }
  const body = await answer.json();
  if (!answer.ok) {
    throw new Error(body.error);
  }
  return body;
}

async function getScreen(): Promise<Screen> {
  if (!screen) {
    const { openScreen }: { openScreen: (options: ScreenOptions) => Screen } = await import(
      root.dataset.screen ?? ""
    );
    screen = openScreen({
      place,
      onInput: (data) => send({ type: "input", data }),
      onResize: (size) => send({ type: "resize", ...size }),
      onLeave: () => closeButton.focus(),
    });
    screen.setReading(reader.checked);
  }
  return screen;
}

type Message = { type: "input"; data: string } | { type: "resize"; cols: number; rows: number };

function send(message: Message): void {
  if (socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify(message));
  }
}

function connect(shown: Screen, path: string): void {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const { cols, rows } = shown;
  url.searchParams.set("cols", String(cols));
  url.searchParams.set("rows", String(rows));
  const opened = new WebSocket(url);
  socket = opened;
  let isShown = false;
  let exit: { exitCode: number | null; signal: string | null } | undefined;
  opened.addEventListener("open", () => {
    closeButton.disabled = false;
    // The window may have changed since.
    if (shown.cols !== cols || shown.rows !== rows) {
      send({ type: "resize", cols: shown.cols, rows: shown.rows });
    }
  });
  opened.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "exit") {
      exit = message;
    } else if (message.type === "output") {
      if (!isShown) {
        isShown = true;
        status.textContent = "Open.";
        shown.setWritable(true);
        shown.focus();
      }
      shown.write(message.data);
    }
  });
  opened.addEventListener("close", ({ code, reason }) => {
    shown.setWritable(false);
    ended(closingWords({ code, reason, exit, wasOpen: isShown }));
  });
}

/** Another shell is never opened by itself: whoever types would not know that theirs is gone. */
function ended(why: string): void {
  const hadFocus = place.contains(document.activeElement) || document.activeElement === closeButton;
  socket = undefined;
  status.textContent = why;
  openButton.disabled = false;
  closeButton.disabled = true;
  if (screen) {
    openButton.textContent = "Open a new shell";
  }
  if (hadFocus) {
    openButton.focus();
  }
}
