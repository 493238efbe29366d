import { createHash } from "node:crypto";
import program from "../.gentity/host-program.txt";

/** The host program as one file: bundled from `src/host` when the Worker is, and part of it. */
export const HOST_PROGRAM: string = program;

/** By it a server fetches the program, and knows that it got what was meant. */
export const HOST_PROGRAM_SHA256: string = createHash("sha256").update(HOST_PROGRAM).digest("hex");
