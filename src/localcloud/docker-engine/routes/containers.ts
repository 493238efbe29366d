import type { Container } from "../container.ts";
import { containerRequest } from "../requests.ts";
import { inspectView, listView } from "../views.ts";
import { filtersOf, flag, jsonOf, type Route, send } from "./route.ts";

function hasLabel({ record }: Container, wanted: string): boolean {
  const [name = "", value] = wanted.split(/=(.*)/s);
  const labels = record.request.Labels ?? {};
  return Object.hasOwn(labels, name) && (value === undefined || labels[name] === value);
}

function fits(container: Container, filters: Record<string, string[]>): boolean {
  const { id, name, status } = container.record;
  const { label = [], name: names, id: ids, status: statuses } = filters;
  return (
    label.every((wanted) => hasLabel(container, wanted)) &&
    (names?.some((wanted) => `/${name}`.includes(wanted)) ?? true) &&
    (ids?.some((wanted) => id.startsWith(wanted)) ?? true) &&
    (statuses?.includes(status) ?? true)
  );
}

const top: Route["run"] = async ({ engine, id, response }) => {
  const processes = await engine.find(id).machine.processes();
  send(response, 200, {
    Titles: ["PID", "RSS", "COMMAND"],
    Processes: processes.map(({ pid, rssBytes, command }) => [
      String(pid),
      String(Math.round(rssBytes / 1024)),
      command,
    ]),
  });
};

export const containerRoutes: readonly Route[] = [
  {
    method: "POST",
    path: /^\/containers\/create$/,
    run: async ({ engine, query, request, response }) => {
      const wanted = await jsonOf(request, containerRequest);
      const { record } = engine.create(query.get("name") ?? undefined, wanted);
      await engine.saved();
      send(response, 201, { Id: record.id, Warnings: [] });
    },
  },
  {
    method: "GET",
    path: /^\/containers\/json$/,
    run: ({ engine, query, response }) => {
      const filters = filtersOf(query);
      const isAll = flag(query, "all") || filters.status !== undefined;
      const found = engine
        .list()
        .filter((container) => (isAll || container.isRunning) && fits(container, filters))
        // The newest first, as the engine has it.
        .reverse();
      send(
        response,
        200,
        found.map((container) => listView(container, engine.ports.of(container.record.id))),
      );
    },
  },
  {
    method: "GET",
    path: /^\/containers\/([^/]+)\/json$/,
    run: ({ engine, id, response }) => {
      const container = engine.find(id);
      send(response, 200, inspectView(container, engine.ports.of(container.record.id)));
    },
  },
  { method: "GET", path: /^\/containers\/([^/]+)\/top$/, run: top },
  {
    method: "DELETE",
    path: /^\/containers\/([^/]+)$/,
    run: async ({ engine, id, query, response }) => {
      await engine.remove(engine.find(id), flag(query, "force"));
      await engine.saved();
      send(response, 204);
    },
  },
];
