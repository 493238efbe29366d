#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Stripping types is most of the start-up, so the result is kept between runs; in the person's own folder, because
// what is in a shared one could be somebody else's code.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "gentity", "compiled"));
const { run } = await import("./run.ts");
await run(process.argv.slice(2));
