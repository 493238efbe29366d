import type { ResolvedImage } from "../../images/image.ts";
import type { DockerEngine } from "../engine.ts";
import type { ImageRecord } from "../records.ts";
import { badRequest } from "../refusal.ts";
import { type Route, send } from "./route.ts";

function fullReference(query: URLSearchParams): string {
  const name = query.get("fromImage") ?? "";
  if (name === "") throw badRequest("fromImage is required");
  const tag = query.get("tag") ?? "";
  if (tag === "") return name;
  return `${name}${tag.includes(":") ? "@" : ":"}${tag}`;
}

/** One object a line, as long as it takes; a failure is the last of them. */
const pull: Route["run"] = async ({ engine, query, response }) => {
  const ref = fullReference(query);
  response.writeHead(200, { "content-type": "application/json" });
  const say = (event: object) => response.write(`${JSON.stringify(event)}\r\n`);
  say({ status: `Pulling from ${ref}`, id: "image" });
  try {
    const image = await engine.images.pull(ref, (status) => say({ status, id: "image" }));
    await engine.saved();
    say({ status: `Digest: ${image.id}` });
    say({ status: `Status: Downloaded newer image for ${ref}` });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ errorDetail: { message }, error: message });
  }
  response.end();
};

function viewOf({ id, key, ref, pulledAt }: ImageRecord, image: ResolvedImage) {
  return {
    Id: id,
    RepoTags: key.includes("@") ? [] : [key],
    RepoDigests: key.includes("@") ? [key] : [],
    Created: pulledAt,
    Size: 0,
    Os: "linux",
    Comment: `${ref}: ${image.description}`,
    Config: {
      Entrypoint: image.entrypoint.length > 0 ? image.entrypoint : null,
      Cmd: image.cmd,
      Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: image.workdir ?? "",
      User: "",
      Labels: null,
      ExposedPorts: null,
    },
  };
}

async function describe(engine: DockerEngine, name: string) {
  const record = engine.images.find(name);
  return viewOf(record, await engine.images.resolve(record.ref, () => {}));
}

export const imageRoutes: readonly Route[] = [
  { method: "POST", path: /^\/images\/create$/, run: pull },
  {
    method: "GET",
    path: /^\/images\/json$/,
    run: async ({ engine, response }) => {
      const views = await Promise.all(engine.images.list().map(({ id }) => describe(engine, id)));
      send(
        response,
        200,
        views.map(({ Id, RepoTags, RepoDigests, Size, Created }) => ({
          Id,
          RepoTags,
          RepoDigests,
          Size,
          Created: Math.floor(Date.parse(Created) / 1000),
          Containers: -1,
          Labels: null,
          ParentId: "",
          SharedSize: -1,
        })),
      );
    },
  },
  {
    method: "GET",
    path: /^\/images\/(.+)\/json$/,
    run: async ({ engine, id, response }) => send(response, 200, await describe(engine, id)),
  },
  {
    method: "DELETE",
    path: /^\/images\/(.+)$/,
    run: async ({ engine, id, response }) => {
      const image = engine.images.remove(id);
      await engine.saved();
      send(response, 200, [{ Untagged: image.key }, { Deleted: image.id }]);
    },
  },
];
