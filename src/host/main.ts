import { parseArgs } from "node:util";
import { readHostConfig } from "./config.ts";
import { Host } from "./host.ts";

/** The program that runs on a server of an instance's own: keeps its agent running, and does what the control plane asks. */

const { values } = parseArgs({
  options: {
    config: { type: "string", default: "/etc/gentity/host.json" },
    state: { type: "string", default: "/var/lib/gentity" },
  },
});

const host = new Host(readHostConfig(values.config, values.state), process.env.DOCKER_HOST);

/** Only this program ends: a newer one, or the same again, finds the agent as it is. */
const end = () => {
  host.close();
  setTimeout(() => process.exit(0), 1_000).unref();
};
process.once("SIGTERM", end);
process.once("SIGINT", end);
await host.run();
process.exit(0);
