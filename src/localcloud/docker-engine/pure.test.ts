import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import { Demultiplexer } from "../../docker-engine-client/demultiplex.ts";
import { tarOf } from "../../docker-engine-client/tar.ts";
import { probeImage } from "../images/probe.ts";
import { bindsOf, checkRequest, commandOf } from "./boot-spec.ts";
import { ContainerLog } from "./container-log.ts";
import { frame } from "./frames.ts";
import { containerRequest, environmentOf } from "./requests.ts";
import { filesOf } from "./untar.ts";

const request = (more: object) => containerRequest.parse({ Image: "a:1", ...more });
const both = { stdout: true, stderr: true };

describe("an archive", () => {
  it("gives back what was put into it, below its folder and nowhere else", ({ expect }) => {
    const long = `${"d".repeat(80)}/${"f".repeat(80)}`;
    const owner = { uid: 70_000, gid: 5 };
    const archive = tarOf([
      { path: "folder", content: Buffer.alloc(0), isFolder: true, mode: 0o700, owner },
      { path: "folder/file", content: Buffer.from("text"), mode: 0o640, owner },
      { path: long, content: Buffer.alloc(1000, "x") },
      { path: "../../etc/passwd", content: Buffer.from("no") },
    ]);
    expect(filesOf(Buffer.from(archive), "/srv")).toEqual([
      { path: "/srv/folder", base64: "", mode: 0o700, owner, isFolder: true },
      { path: "/srv/folder/file", base64: Buffer.from("text").toString("base64"), mode: 0o640, owner },
      expect.objectContaining({ path: `/srv/${long}`, base64: Buffer.alloc(1000, "x").toString("base64") }),
      expect.objectContaining({ path: "/srv/etc/passwd" }),
    ]);
  });

  it("is refused when it is cut off or compressed", ({ expect }) => {
    const archive = Buffer.from(tarOf([{ path: "a", content: Buffer.alloc(1000) }]));
    expect(() => filesOf(archive.subarray(0, 700), "/")).toThrow("unexpected EOF");
    expect(() => filesOf(Buffer.from([0x1f, 0x8b, 8]), "/")).toThrow("compressed");
  });
});

describe("a container's request", () => {
  it("takes the place of the image's command as the engine has it", ({ expect }) => {
    const image = { ...probeImage(), entrypoint: ["in"], cmd: ["default"] };
    expect(commandOf(request({}), image)).toEqual(["in", "default"]);
    expect(commandOf(request({ Cmd: ["own"] }), image)).toEqual(["in", "own"]);
    expect(commandOf(request({ Entrypoint: ["mine"] }), image)).toEqual(["mine"]);
    expect(commandOf(request({ Entrypoint: ["mine"], Cmd: "a" }), image)).toEqual(["mine", "a"]);
  });

  it("is refused where its effect would be another", ({ expect }) => {
    const wrong = [
      { Tty: true },
      { HostConfig: { RestartPolicy: { Name: "always" } } },
      { HostConfig: { Binds: ["/a:/b:ro"] } },
      { HostConfig: { Binds: ["volume:/b"] } },
      { HostConfig: { Mounts: [{ Type: "tmpfs", Source: "", Target: "/t" }] } },
    ];
    for (const more of wrong) expect(() => checkRequest(request(more))).toThrow("not supported");
    expect(bindsOf(request({ HostConfig: { Binds: ["/a/../c:/b:rw,z"] } }))).toEqual([
      { source: "/c", target: "/b" },
    ]);
    expect(environmentOf(["A=b=c", "EMPTY=", "GONE"])).toEqual({ A: "b=c", EMPTY: "" });
  });
});

describe("a container's log", () => {
  it("keeps lines apart by their output, and the latest of them over a restart", async ({ expect }) => {
    const dir = mkdtempSync(join(tmpdir(), "localcloud-log-"));
    try {
      const log = new ContainerLog(join(dir, "log"));
      const heard: string[] = [];
      const forget = log.follow({ stdout: true, stderr: false }, ({ text }) => heard.push(text));
      log.push("stdout", Buffer.from("one\ntw"));
      log.push("stderr", Buffer.from("err\n"));
      log.push("stdout", Buffer.from("o\nlast"));
      expect(log.read(both).map(({ text }) => text)).toEqual(["one\n", "err\n", "two\n"]);
      log.end();
      forget();
      log.push("stdout", Buffer.from("unheard\n"));
      expect(heard).toEqual(["one\n", "two\n", "last"]);
      const times = log.read(both).map(({ at }) => at);
      expect(times).toEqual([...new Set(times)].sort());
      const again = new ContainerLog(join(dir, "log"));
      expect(again.read({ ...both, tail: 2 }).map(({ text }) => text)).toEqual(["last", "unheard\n"]);
      expect(again.read({ ...both, tail: 0 })).toEqual([]);
      for (let line = 0; line < 10_100; line++) again.push("stdout", Buffer.from(`${line}\n`));
      const kept = new ContainerLog(join(dir, "log")).read(both);
      expect(kept.length).toBeLessThanOrEqual(5000);
      expect(kept.at(-1)?.text).toBe("10099\n");
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe("a frame", () => {
  it("is read back by a client, wherever it is cut", ({ expect }) => {
    const bytes = Buffer.concat([frame("stdout", Buffer.from("out")), frame("stderr", Buffer.from("err"))]);
    const said: string[] = [];
    const demultiplexer = new Demultiplexer((stream, data) =>
      said.push(stream + Buffer.from(data).toString()),
    );
    for (const byte of bytes) demultiplexer.push(Buffer.from([byte]));
    expect(said.join("")).toBe("stdoutostdoutustdouttstderrestderrrstderrr");
  });
});
