import { describePinning } from "../child.ts";
import { interleave, type Sides } from "../interleave.ts";
import { median, ratioOf } from "../numbers.ts";
import { formatRatio, progress, type Section } from "../report.ts";
import { measureFootprint } from "./footprint.ts";
import type { LoadOrder } from "./load.ts";
import { productionBundle } from "./production.ts";
import { type EdgeOptions, HOSTS, type Rig, type Sample, type Side, sample, startRig } from "./rig.ts";

const CONNECTIONS = [1, 32, 128];

type Samples = Partial<Record<Side, Sample[]>>;

export async function benchEdge(options: EdgeOptions): Promise<Section[]> {
  progress("edge: bundling the Worker as it is deployed …");
  const bundle = productionBundle(options.tempDir);
  const rig = await startRig(options, bundle);
  const requests = await measure(rig, options, "http");
  const messages = await measure(rig, options, "websocket");
  const rounds = `${options.rounds} rounds of ${options.seconds} s`;
  const nginx = rig.servers.nginx ? [] : ["nginx is not installed here"];
  return [
    {
      title: `The edge against a bare pass-through Worker on the same workerd; ${rounds}`,
      rows: [HEAD, ...rowsOf(requests, FIGURES)],
      notes: [
        `the bundle of \`wrangler deploy\`; ${HOSTS} subdomains in rotation, all known; the clock is slowed, or each would be looked up every 5 s`,
        "D1 and Analytics Engine exist only on the platform: here doubles answer, so their own cost is not in this",
        "aims: requests/s at least 0.95, CPU at most 1.08, p99 at most 1.15 of bare; bare/bare is the noise",
        `nginx: the same hosts as a map, the same headers, one process${nginx.length > 0 ? " (not installed here)" : ""}`,
        `${describePinning()}; near 100 % of its core it is the server that limits the throughput, not the load`,
      ],
      samples: requests,
    },
    {
      title: `WebSockets handed through, one message of 64 bytes in flight on each; ${rounds}`,
      rows: [HEAD.with(0, "sockets"), ...rowsOf(messages, FIGURES_OF_MESSAGES)],
      notes: [
        "the answers are the origin's echo; a window begins when its sockets are open, their opening is in its CPU",
      ],
      samples: messages,
    },
    await measureFootprint(options, bundle, rig.originPort),
  ];
}

async function measure(
  rig: Rig,
  { rounds, seconds }: EdgeOptions,
  protocol: LoadOrder["protocol"],
): Promise<Record<number, Samples>> {
  const all: Record<number, Samples> = {};
  for (const connections of CONNECTIONS) {
    const sides = Object.entries(rig.servers)
      // In nginx a socket handed through is another thing to configure, and another comparison.
      .filter(([name]) => protocol === "http" || name !== "nginx")
      .map(([name, server]) => [name, () => sample(rig, server, { connections, protocol }, seconds)]);
    all[connections] = await interleave(rounds, Object.fromEntries(sides) as Sides<Side, Sample>, (round) =>
      progress(`edge: ${protocol}, ${connections} connections, round ${round} of ${rounds}`),
    );
  }
  return all;
}

const HEAD = ["connections", "", "bare", "ours", "ours/bare", "bare/bare", "nginx/bare"];

interface Figure {
  key: keyof Sample;
  name: string;
  digits: number;
  scale: number;
}

const FIGURES: Figure[] = [
  { key: "perSecond", name: "requests/s", digits: 0, scale: 1 },
  { key: "cpuMicros", name: "CPU µs/request", digits: 0, scale: 1 },
  { key: "p50Micros", name: "p50 ms", digits: 2, scale: 1_000 },
  { key: "p99Micros", name: "p99 ms", digits: 2, scale: 1_000 },
  { key: "busy", name: "% of its core", digits: 0, scale: 0.01 },
];
const FIGURES_OF_MESSAGES = FIGURES.map((figure) => ({
  ...figure,
  name: figure.name.replace("requests", "messages").replace("request", "message"),
}));

/** Times are medians of rounds, ratios those of the same round. */
function rowsOf(all: Record<number, Samples>, figures: Figure[]): string[][] {
  return Object.entries(all).flatMap(([connections, samples]) =>
    figures.map(({ key, name, digits, scale }, index) => {
      const of = (side: Side) => (samples[side] ?? []).map((one) => one[key] / scale);
      const ratio = (side: Side) => (samples[side] ? formatRatio(ratioOf(of(side), of("bare"))) : "–");
      return [
        index === 0 ? connections : "",
        name,
        median(of("bare")).toFixed(digits),
        median(of("ours")).toFixed(digits),
        ratio("ours"),
        ratio("bareAgain"),
        ratio("nginx"),
      ];
    }),
  );
}
