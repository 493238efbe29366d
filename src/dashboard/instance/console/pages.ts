import { execPages } from "./exec.tsx";
import { logStreamPages } from "./log-stream.ts";
import { logPages } from "./logs.tsx";
import { terminalPages } from "./terminal.tsx";

/** An instance's terminal, logs and commands. */
export const consolePages = [terminalPages, logPages, logStreamPages, execPages];
