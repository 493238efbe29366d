import { afterAll, beforeAll, describe, it } from "vitest";
import { TestHetzner } from "../testing/hetzner.ts";

let hetzner: TestHetzner;
beforeAll(async () => {
  hetzner = await TestHetzner.start({ servers: "external" });
});
afterAll(() => hetzner.close());

describe("a server that something outside plays", () => {
  it("is handed out with its instructions and its volumes, to whoever has the token", async ({ expect }) => {
    const volume = await hetzner.volume();
    const userData = "#cloud-config\nruncmd: [touch /ran]\n";
    const id = await hetzner.server({ name: "outside", user_data: userData, volumes: [volume] });
    const path = `/_control/servers/${id}`;
    expect((await hetzner.call("GET", path)).body.server).toEqual({
      id,
      name: "outside",
      status: "running",
      user_data: userData,
      volumes: [volume],
    });
    expect((await hetzner.call("GET", path, undefined, "wrong")).status).toBe(401);
    expect((await hetzner.call("GET", "/_control/servers/1")).status).toBe(404);
  });

  it("is ending after a shutdown until its power is gone, and can be switched on again", async ({
    expect,
  }) => {
    const id = await hetzner.server();
    await hetzner.act(id, "shutdown");
    expect(await hetzner.status(id)).toBe("stopping");
    await hetzner.call("POST", `/_control/machines/${id}/crash`);
    expect(await hetzner.status(id)).toBe("off");
    await hetzner.act(id, "poweron");
    expect(await hetzner.status(id)).toBe("running");
    await hetzner.settled((await hetzner.call("DELETE", `/servers/${id}`)).body);
    expect(await hetzner.status(id)).toBe("404");
  });
});
