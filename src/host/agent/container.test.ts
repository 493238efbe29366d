import { describe, expect, it } from "vitest";
import { STAGE_DIR } from "../../machine-boot/script.ts";
import type { Recipe } from "../protocol.ts";
import { containerBody, forPeople, recipeIdOf, stagedFiles } from "./container.ts";

const RECIPE: Recipe = {
  id: "rcp_1",
  image: "acme/agent@sha256:00",
  command: ["serve"],
  dataPath: "/data",
  port: 8080,
  env: { KEY: "sk-12345678", MODE: "on" },
  files: [],
};
const PLACING = { instanceId: "cmp1", dataDir: "/mnt/gentity/data", memoryMb: 4096 };

describe("the agent's container", () => {
  it("is reached from its own server alone, has its data, and leaves room for this program", () => {
    expect(containerBody(RECIPE, PLACING)).toMatchObject({
      Image: RECIPE.image,
      Cmd: ["serve"],
      Env: ["KEY=sk-12345678", "MODE=on"],
      Labels: { "gentity.recipe": "rcp_1", "gentity.instance": "cmp1" },
      HostConfig: {
        PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] },
        Mounts: [{ Type: "bind", Source: "/mnt/gentity/data", Target: "/data" }],
        RestartPolicy: { Name: "no" },
        Memory: (4096 - 256) * 2 ** 20,
        MemorySwap: (4096 - 256) * 2 ** 20,
      },
    });
    expect(containerBody(RECIPE, PLACING)).not.toHaveProperty("User");
    expect(containerBody({ ...RECIPE, port: undefined }, PLACING)).not.toHaveProperty("ExposedPorts");
  });

  it("begins as root where something is to be prepared", () => {
    const files = [{ path: "/data/x", content: "é", firstBootOnly: true }];
    const body = containerBody({ ...RECIPE, user: { uid: 7, gid: 8 }, files }, PLACING);
    expect(body).toMatchObject({
      User: "0",
      Entrypoint: expect.arrayContaining(["7", "8", "/data/x", "keep"]),
    });
    expect(stagedFiles({ ...RECIPE, files })).toEqual([
      { path: `${STAGE_DIR}/0`, content: Buffer.from("é"), mode: 0o444 },
    ]);
  });

  it("is known by its recipe, also by one without a name", () => {
    const { id: _, ...nameless } = RECIPE;
    expect(recipeIdOf(RECIPE)).toBe("rcp_1");
    expect(recipeIdOf(nameless)).toBe(recipeIdOf({ ...nameless }));
    expect(recipeIdOf(nameless)).not.toBe(recipeIdOf({ ...nameless, env: {} }));
  });
});

it("what people are told holds no secret, and is short", () => {
  expect(forPeople("bad value sk-12345678 in mode on", RECIPE)).toBe("bad value … in mode on");
  expect(forPeople("x".repeat(1_000), undefined)).toHaveLength(250);
});
