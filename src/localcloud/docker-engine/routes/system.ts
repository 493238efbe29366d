import { arch, cpus, totalmem } from "node:os";
import { type Route, send } from "./route.ts";

const API_VERSION = "1.44";
const ENGINE_VERSION = "25.0.0-gentity";
const ARCHITECTURES: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };

const ping: Route["run"] = ({ request, response }) => {
  response.writeHead(200, {
    "api-version": API_VERSION,
    "content-type": "text/plain; charset=utf-8",
    "docker-experimental": "false",
    ostype: "linux",
    server: `Docker/${ENGINE_VERSION} (linux)`,
  });
  response.end(request.method === "HEAD" ? undefined : "OK");
};

export const systemRoutes: readonly Route[] = [
  { method: "GET", path: /^\/_ping$/, run: ping },
  { method: "HEAD", path: /^\/_ping$/, run: ping },
  {
    method: "GET",
    path: /^\/version$/,
    run: ({ response }) =>
      send(response, 200, {
        Platform: { Name: "Gentity local cloud" },
        Version: ENGINE_VERSION,
        ApiVersion: API_VERSION,
        MinAPIVersion: "1.24",
        Os: "linux",
        Arch: arch() === "x64" ? "amd64" : arch(),
      }),
  },
  // Every container has a network of its own here, and none has a name.
  { method: "GET", path: /^\/networks$/, run: ({ response }) => send(response, 200, []) },
  {
    method: "GET",
    path: /^\/info$/,
    run: ({ engine, response }) => {
      const containers = engine.list();
      const running = containers.filter(({ isRunning }) => isRunning).length;
      send(response, 200, {
        ID: "gentity-local-cloud",
        Containers: containers.length,
        ContainersRunning: running,
        ContainersPaused: containers.filter(({ record }) => record.status === "paused").length,
        ContainersStopped: containers.length - running,
        Images: engine.images.list().length,
        Driver: "folder",
        OSType: "linux",
        OperatingSystem: "Gentity local cloud",
        Architecture: ARCHITECTURES[arch()] ?? arch(),
        NCPU: cpus().length,
        MemTotal: totalmem(),
        ServerVersion: ENGINE_VERSION,
        Name: "local",
      });
    },
  },
];
