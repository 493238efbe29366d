import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isFree } from "../../../src/dev/state.ts";
import { type Child, startChild, within } from "../child.ts";
import { progress } from "../report.ts";

const root = resolve(import.meta.dirname, "../../..");
const START_MS = 90_000;
const CALL_MS = 120_000;
const LOOK_EVERY_MS = 50;
/** Away from where people start theirs. */
const FIRST_PORT = 18_700;
const LAST_PORT = 19_700;
const PORT_STEP = 10;

/** Calls of one API, with its token. */
export type Call = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

export interface Stack {
  api: Call;
  vendor: Call;
  /** One request to an instance's URL. @throws unless its agent answers */
  visit: (subdomain: string) => Promise<void>;
  /** The vendor's edge, in front of machines. */
  proxyUrl: string;
}

/** The local stack, as `npm start` starts it, in a state folder of its own. */
export async function startStack(tempDir: string, own: (child: Child) => Child): Promise<Stack> {
  const port = await findPort();
  const stateDir = join(tempDir, "state");
  progress(`starting the local stack on port ${port} …`);
  const child = own(
    startChild(process.execPath, [
      join(root, "src/dev/main.ts"),
      ...["--port", String(port), "--state", stateDir],
    ]),
  );
  const localJson = join(stateDir, "local.json");
  await within("the local stack", START_MS, Promise.race([waitForFile(localJson), child.crashed]));
  const local = readJson<{ token: string; cloudUrl: string; cloudToken: string }>(localJson);
  const { proxyPort } = readJson<{ proxyPort: number }>(join(stateDir, "ports.json"));
  return {
    // The address, since Node asks for `localhost` over IPv6 first.
    api: caller(`http://127.0.0.1:${port}`, local.token),
    vendor: caller(local.cloudUrl, local.cloudToken),
    visit: (subdomain) => visit(port, subdomain),
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
  };
}

const PORTS_OF_A_STACK = 8;

async function findPort(): Promise<number> {
  for (let port = FIRST_PORT; port <= LAST_PORT; port += PORT_STEP) {
    const all = Array.from({ length: PORTS_OF_A_STACK }, (_, index) => port + index);
    const free = await Promise.all(all.map(isFree));
    if (free.every(Boolean)) {
      return port;
    }
  }
  throw new Error(`no ports in a row are free from ${FIRST_PORT} to ${LAST_PORT}`);
}

async function waitForFile(path: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!existsSync(path) && Date.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
  }
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

/** Node's `fetch` takes no host header. */
function visit(port: number, subdomain: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${subdomain}.gentity.localhost:${port}` };
    const sent = request({ host: "127.0.0.1", port, headers, agent: false }, (answer) => {
      answer.resume().once("end", () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${subdomain} answered ${answer.statusCode}`));
      });
    });
    sent
      .once("error", reject)
      .setTimeout(CALL_MS, () => sent.destroy(new Error("no answer")))
      .end();
  });
}

function caller(baseUrl: string, token: string): Call {
  return async <T>(method: string, path: string, body?: unknown) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    }
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
}
