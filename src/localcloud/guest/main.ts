/**
 * The first process of a machine: it starts the main command, runs others beside it on request, opens connections to the
 * machine's ports, and goes down with everything it started when the program outside goes away.
 */

import { send } from "./channel.ts";
import { Commands } from "./commands.ts";
import { prepareDisk } from "./disk.ts";
import { execute } from "./exec.ts";
import { MainProcess } from "./main-process.ts";
import { connectInside, offerEgress } from "./ports.ts";
import type { BootMessage, ToGuest } from "./protocol.ts";
import { Terminals } from "./terminals.ts";

let main: MainProcess | undefined;
const terminals = new Terminals();
const commands = new Commands();

async function boot(message: BootMessage): Promise<void> {
  try {
    await prepareDisk(message);
    if (message.egressPort !== undefined) await offerEgress(message.egressPort);
    main = new MainProcess(message);
  } catch (error) {
    send({ type: "boot-failed", error: error instanceof Error ? error.message : String(error) });
  }
}

function receive(message: ToGuest): void {
  switch (message.type) {
    case "boot":
      void boot(message);
      return;
    case "exec":
      execute(message);
      return;
    case "command":
      commands.open(message);
      return;
    case "command-input":
      commands.input(message.id, message.data);
      return;
    case "command-input-end":
      commands.endInput(message.id);
      return;
    case "pty":
      terminals.open(message);
      return;
    case "pty-input":
      terminals.input(message.id, message.data);
      return;
    case "pty-resize":
      terminals.resize(message.id, message.cols, message.rows);
      return;
    case "pty-close":
      terminals.close(message.id);
      return;
    case "connect":
      connectInside(message.id, message.port);
      return;
    case "signal":
      send({ type: "signalled", id: message.id, delivered: main?.signal(message.signal) ?? false });
      return;
    case "stop":
      main?.stop(message.signal, message.graceMs);
      return;
    default:
      message satisfies never;
  }
}

// A terminal's Ctrl-C on the program outside reaches the whole foreground group; ending is the outside's decision.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

process.on("disconnect", () => {
  main?.kill();
  terminals.closeAll();
  commands.killAll();
  process.exit(0);
});
process.on("message", receive);
send({ type: "ready" });
