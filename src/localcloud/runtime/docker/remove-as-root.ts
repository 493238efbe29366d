import type { Engine } from "../../../docker-engine-client/engine.ts";
import { removeTree } from "../remove-tree.ts";
import { LABEL } from "./container.ts";

const INSIDE = "/gone";
const EMPTY = `rm -rf ${INSIDE}/* ${INSIDE}/.[!.]* ${INSIDE}/..?*`;

/**
 * Removes a folder that machines have written to. Their files belong to root, or to a user of the image's, whom the person
 * that runs the program may not be: then only a container can remove them. Any image with a shell will do.
 */
export async function removeAsRoot(engine: Engine, scope: string, path: string): Promise<void> {
  const failure = await removeTree(path).catch((error: unknown) => error);
  if (failure === undefined) return;
  const images = await engine.call<{ Id: string }[]>("GET", "/images/json");
  for (const { Id } of images) {
    // One without a shell cannot even start.
    await emptyWith(engine, { scope, path, image: Id }).catch(() => {});
    const left = await removeTree(path).catch((error: unknown) => error);
    if (left === undefined) return;
  }
  throw failure;
}

async function emptyWith(
  engine: Engine,
  { scope, path, image }: { scope: string; path: string; image: string },
): Promise<void> {
  const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", {
    body: {
      Image: image,
      Entrypoint: ["/bin/sh", "-c", EMPTY],
      Cmd: [],
      User: "0",
      Labels: { [LABEL.scope]: scope },
      HostConfig: { NetworkMode: "none", Mounts: [{ Type: "bind", Source: path, Target: INSIDE }] },
    },
  });
  try {
    await engine.call("POST", `/containers/${Id}/start`);
    await engine.call("POST", `/containers/${Id}/wait`);
  } finally {
    await engine.call("DELETE", `/containers/${Id}`, { query: { force: "1", v: "1" } });
  }
}
