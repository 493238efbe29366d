import type { Container } from "../container.ts";
import { signalName } from "../container.ts";
import { badRequest } from "../refusal.ts";
import { type Call, type Route, send } from "./route.ts";

type Act = (container: Container, call: Call) => Promise<number>;

/** An action whose effect is remembered before it is answered. */
function action(name: string, act: Act): Route {
  return {
    method: "POST",
    path: new RegExp(`^/containers/([^/]+)/${name}$`),
    async run(call) {
      const status = await act(call.engine.find(call.id), call);
      await call.engine.saved();
      send(call.response, status);
    },
  };
}

function graceOf(query: URLSearchParams): number | undefined {
  const text = query.get("t");
  return text === null ? undefined : Number(text);
}

function signalOf(query: URLSearchParams): NodeJS.Signals | undefined {
  const text = query.get("signal");
  return text ? signalName(text) : undefined;
}

const CONDITIONS = ["not-running", "next-exit", "removed"];

/** The headers come at once, the code when there is one. */
const wait: Route["run"] = ({ engine, id, query, response }) => {
  const container = engine.find(id);
  const condition = query.get("condition") || "not-running";
  if (!CONDITIONS.includes(condition)) throw badRequest(`invalid condition: "${condition}"`);
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const tell = (): void => {
    response.end(JSON.stringify({ StatusCode: container.record.exitCode }));
  };
  if (condition === "removed") container.onRemoved(tell);
  else if (condition === "next-exit" || container.isRunning) {
    const forget = container.onExit(tell);
    response.once("close", forget);
  } else tell();
};

export const lifecycleRoutes: readonly Route[] = [
  action("start", async (container) => ((await container.start()) ? 204 : 304)),
  action("stop", async (container, { query }) => {
    return (await container.stop(graceOf(query), signalOf(query))) ? 204 : 304;
  }),
  action("restart", async (container, { query }) => {
    await container.stop(graceOf(query), signalOf(query));
    await container.start();
    return 204;
  }),
  action("kill", async (container, { query }) => {
    await container.kill(signalOf(query) ?? "SIGKILL");
    return 204;
  }),
  action("pause", async (container) => {
    await container.pause();
    return 204;
  }),
  action("unpause", async (container) => {
    await container.unpause();
    return 204;
  }),
  { method: "POST", path: /^\/containers\/([^/]+)\/wait$/, run: wait },
];
