import { describe, it } from "vitest";
import { Demultiplexer } from "../../../docker-engine-client/demultiplex.ts";
import { endingOf } from "../../../docker-engine-client/ending.ts";
import { findEngine } from "../../../docker-engine-client/engine.ts";
import { PullProgress } from "../../../docker-engine-client/pull-progress.ts";
import { tarOf } from "../../../docker-engine-client/tar.ts";
import type { BootSpec } from "../runtime.ts";
import {
  addressOf,
  type ContainerView,
  containerBody,
  containerName,
  diskImage,
  LABEL,
} from "./container.ts";
import { parseProcesses } from "./top.ts";

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

describe("a container's stream", () => {
  const whole = Buffer.concat([frame(1, "out"), frame(2, "érr"), frame(1, ""), frame(1, "more\n")]);

  it.for([1, 2, 3, 7, 8, 9, 1000])(
    "is taken apart when it comes in pieces of %i bytes",
    (size, { expect }) => {
      const said = { stdout: "", stderr: "" };
      const parts: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
      const demultiplexer = new Demultiplexer((stream, data) => parts[stream].push(Buffer.from(data)));
      for (let at = 0; at < whole.length; at += size) demultiplexer.push(whole.subarray(at, at + size));
      said.stdout = Buffer.concat(parts.stdout).toString();
      said.stderr = Buffer.concat(parts.stderr).toString();
      expect(said).toEqual({ stdout: "outmore\n", stderr: "érr" });
    },
  );
});

describe("an exit code", () => {
  it("stands for a signal above 128", ({ expect }) => {
    expect(endingOf(0)).toEqual({ code: 0, signal: null });
    expect(endingOf(127)).toEqual({ code: 127, signal: null });
    expect(endingOf(137)).toEqual({ code: null, signal: "SIGKILL" });
    expect(endingOf(143)).toEqual({ code: null, signal: "SIGTERM" });
    expect(endingOf(255)).toEqual({ code: 255, signal: null });
  });
});

const spec: BootSpec = {
  machineId: "m1",
  image: {
    description: "",
    real: true,
    entrypoint: [],
    cmd: [],
    env: {},
    binds: [],
    engineImage: "sha256:1",
  },
  argv: ["/bin/sh", "-c", "true"],
  env: { A: "1=2" },
  workdir: "/",
  user: "1000",
  files: [],
  mounts: [{ from: "/state/volumes/v/data", to: "/data" }],
  machineDir: "/state/machines/m1",
  keepRootDisk: false,
  mayKeepRootDisk: false,
  ports: [8080],
  limits: { memoryMb: 256, cpus: 8 },
};
const place = { scope: "localcloud-x", network: "localcloud-x", reach: "bridge", cpus: 2 } as const;

describe("a container", () => {
  it("is called and labelled by whose it is", ({ expect }) => {
    expect(containerName("localcloud-x", "m1")).toBe("localcloud-x-m1");
    expect(diskImage("localcloud-x", "m1")).toBe("localcloud-x/m1:disk");
    const { Labels } = containerBody(spec, "sha256:1", place);
    expect(Labels).toEqual({ [LABEL.scope]: "localcloud-x", [LABEL.machine]: "m1" });
    const kept = containerBody({ ...spec, mayKeepRootDisk: true }, "sha256:1", place).Labels;
    expect(kept).toHaveProperty([LABEL.keepsDisk]);
  });

  it("has the machine's command, environment, user, volume and bounds", ({ expect }) => {
    const body = containerBody(spec, "sha256:1", place);
    expect(body).toMatchObject({
      Image: "sha256:1",
      Hostname: "m1",
      Entrypoint: ["/bin/sh", "-c", "true"],
      Cmd: [],
      Env: ["A=1=2"],
      User: "1000",
      ExposedPorts: {},
      HostConfig: {
        Init: true,
        NetworkMode: "localcloud-x",
        Mounts: [{ Type: "bind", Source: "/state/volumes/v/data", Target: "/data" }],
        Memory: 256 * 2 ** 20,
        MemorySwap: 256 * 2 ** 20,
        // The engine has two.
        NanoCpus: 2e9,
        PidsLimit: 4096,
      },
    });
    expect(containerBody({ ...spec, user: undefined }, "sha256:1", place)).not.toHaveProperty("User");
  });

  it("is reached at its own address, or by a port of this computer", ({ expect }) => {
    const view: ContainerView = {
      State: { Running: true, Paused: false, ExitCode: 0, OOMKilled: false },
      NetworkSettings: {
        Networks: { "localcloud-x": { IPAddress: "172.18.0.2" } },
        Ports: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "49153" }], "22/tcp": null },
      },
    };
    expect(addressOf(view, 8080, place)).toEqual({ host: "172.18.0.2", port: 8080 });
    const published = { ...place, reach: "published" } as const;
    expect(addressOf(view, 8080, published)).toEqual({ host: "127.0.0.1", port: 49153 });
    expect(addressOf(view, 22, published)).toBeUndefined();
    expect(containerBody(spec, "sha256:1", published)).toMatchObject({
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
    });
  });
});

describe("files for a container", () => {
  it("go by tar, long names and all", async ({ expect }) => {
    const long = `/etc/${"a".repeat(120)}/b`;
    const tar = Buffer.from(
      tarOf([
        { path: "/etc/x", content: Buffer.from("hello"), mode: 0o600 },
        { path: long, content: Buffer.alloc(0) },
      ]),
    );
    expect(tar.length % 512).toBe(0);
    expect(tar.subarray(0, 5).toString()).toBe("etc/x");
    expect(tar.subarray(100, 107).toString()).toBe("0000600");
    expect(tar.subarray(124, 135).toString()).toBe("00000000005");
    expect(tar.subarray(512, 517).toString()).toBe("hello");
    expect(tar.includes(Buffer.from(`${long.slice(1)}\0`))).toBe(true);
  });
});

describe("what the engine tells", () => {
  it("while it pulls is added up over the layers", ({ expect }) => {
    const progress = new PullProgress();
    progress.add({ status: "Pulling from library/x", id: "latest" });
    progress.add({ id: "a", status: "Downloading", progressDetail: { current: 1e6, total: 10e6 } });
    progress.add({ id: "b", status: "Downloading", progressDetail: { current: 2e6, total: 30e6 } });
    expect(progress.summary()).toBe("3 of 40 MB");
    progress.add({ id: "a", status: "Download complete", progressDetail: {} });
    expect(progress.summary()).toBe("12 of 40 MB");
  });

  it("of processes leaves out its own first one", ({ expect }) => {
    const Titles = ["PID", "RSS", "COMMAND"];
    const Processes = [
      ["10", "4", "/sbin/docker-init -- sh"],
      ["11", "8", "sh -c x"],
    ];
    expect(parseProcesses({ Titles, Processes })).toEqual([
      { pid: 11, command: "sh -c x", directory: "", rssBytes: 8192 },
    ]);
  });
});

describe("an engine", () => {
  it("is looked for on this computer, and its absence has a reason", async ({ expect }) => {
    expect(await findEngine("tcp://10.0.0.1:2375")).toEqual({
      reason: "tcp://10.0.0.1:2375 is not a socket of this computer (unix://…)",
    });
    expect(await findEngine("unix:///nowhere/d.sock")).toMatchObject({
      reason: expect.stringContaining("/nowhere/d.sock"),
    });
  });
});
