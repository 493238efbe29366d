import { posix } from "node:path";
import type { Container } from "../container.ts";
import { badRequest, notRunning, Refusal } from "../refusal.ts";
import { filesOf } from "../untar.ts";
import { bytesOf, type Route, send } from "./route.ts";

interface Finished {
  code: number | null;
  output: Buffer;
  complaint: string;
}

/** Runs a command as root in a running container, with all its input at hand. */
function run(container: Container, argv: string[], input?: Uint8Array): Promise<Finished> {
  return new Promise((resolve) => {
    const session = container.machine.openCommand({ argv });
    const output: Uint8Array[] = [];
    let complaint = "";
    session.onOutput((stream, data) => {
      if (stream === "stdout") output.push(data);
      else complaint += Buffer.from(data).toString();
    });
    session.onExit(({ code, error }) => {
      resolve({ code, output: Buffer.concat(output), complaint: error ?? complaint });
    });
    if (input) session.write(input);
    session.endInput();
  });
}

function pathOf(query: URLSearchParams): string {
  const path = query.get("path");
  if (!path) throw badRequest("path is required");
  return posix.join("/", path);
}

const NO_FOLDER = 44;
const UNPACK = `cd "$1" || exit ${NO_FOLDER}; exec tar -x -p -f - --numeric-owner`;

/** Into a container that runs at once; into one that does not, when it starts. */
const put: Route["run"] = async ({ engine, id, query, request, response }) => {
  const container = engine.find(id);
  const folder = pathOf(query);
  const archive = await bytesOf(request);
  const files = filesOf(archive, folder);
  if (container.isRunning) {
    const { code, complaint } = await run(container, ["/bin/sh", "-c", UNPACK, "sh", folder], archive);
    if (code === NO_FOLDER) throw new Refusal(404, `Could not find the file ${folder} in container ${id}`);
    if (code !== 0) throw new Refusal(500, complaint.trim());
  } else {
    container.addFiles(files);
    await engine.saved();
  }
  send(response, 200);
};

/** From a running container only: the disk of one that does not run is nobody's to walk through. */
const get: Route["run"] = async ({ engine, id, query, response }) => {
  const container = engine.find(id);
  if (!container.isRunning) throw notRunning(container.record.id);
  const path = pathOf(query);
  const argv = ["tar", "-c", "-f", "-", "-C", posix.dirname(path), posix.basename(path) || "."];
  const { code, output, complaint } = await run(container, argv);
  if (code !== 0) {
    throw /No such file or directory/.test(complaint)
      ? new Refusal(404, `Could not find the file ${path} in container ${id}`)
      : new Refusal(500, complaint.trim());
  }
  response.writeHead(200, { "content-type": "application/x-tar" });
  response.end(output);
};

export const fileRoutes: readonly Route[] = [
  { method: "PUT", path: /^\/containers\/([^/]+)\/archive$/, run: put },
  { method: "GET", path: /^\/containers\/([^/]+)\/archive$/, run: get },
];
