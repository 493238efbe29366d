/** What so many known routes weigh, in bytes of V8's heap: written to stdout. Needs `--expose-gc`. */
import { Memory } from "../../../src/edge/memory.ts";
import { wayTo } from "../../../src/edge/way.ts";

const count = Number(process.argv[2]);
const config = {
  flyAppUrl: "https://{app}.fly.dev",
  tunnelOriginUrl: "https://{host}",
  publicOrigin: new URL("https://gentity.ai"),
  baseDomain: "gentity.ai",
};

/** Text as a record store hands it out: a string of its own each time. */
const own = (text) => Buffer.from(text).toString();

function heapBytes() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const known = new Memory(count);
const before = heapBytes();
for (let index = 0; index < count; index++) {
  const serial = String(index).padStart(8, "0");
  const subdomain = own(`ai-${serial}`);
  const route = {
    instanceId: own(`cmp01m7yffqkw1qkktev${serial}`),
    accountId: own(`acc_01m7yffqfah1g126${serial}`),
    state: own("running"),
    problem: null,
    provider: own("fly"),
    place: own(`gentity-cmp01m7yffqkw1qkktev${serial}`),
    machine: own(`9185957f${serial}`),
  };
  const deps = { lookUp: async () => route, now: () => 0, background: () => undefined };
  const found = await known.find(subdomain, deps);
  if (found) {
    found.way = wayTo(found, subdomain, config);
  }
}
console.log(heapBytes() - before);
if (known.size !== count) {
  throw new Error("not all are known");
}
