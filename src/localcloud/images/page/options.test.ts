import { describe, expect, it } from "vitest";
import { FACTS_VARIABLE, parseOptions } from "./options.ts";

const parse = (argv: string[], env: Record<string, string> = {}) => parseOptions(argv, env, "/work");

describe("the page's options", () => {
  it("takes ttyd's command line as recipes write it, without its tmux", () => {
    const argv = ["--writable", "--port", "7681", "--cwd", "/workspace", "--max-clients", "20"];
    expect(parse([...argv, "tmux", "new-session", "-A", "-s", "main", "claude"])).toMatchObject({
      port: 7681,
      cwd: "/workspace",
      command: ["claude"],
    });
  });

  it("takes short options, inline values and a double hyphen", () => {
    expect(parse(["-W", "-p", "81", "-w", "/a", "-t", "fontSize=14", "--", "sh", "-c", "-p"])).toMatchObject({
      port: 81,
      cwd: "/a",
      command: ["sh", "-c", "-p"],
    });
    expect(parse(["--port=82", "--cwd=/b=c", "top"])).toMatchObject({
      port: 82,
      cwd: "/b=c",
      command: ["top"],
    });
  });

  it("leaves a tmux alone that does something else", () => {
    expect(parse(["tmux", "attach"]).command).toEqual(["tmux", "attach"]);
  });

  it("runs a login shell where nothing is named, also when tmux was to run nothing", () => {
    expect(parse([]).command).toEqual(["bash", "-l"]);
    expect(parse(["tmux", "new-session", "-A", "-s", "main"]).command).toEqual(["bash", "-l"]);
  });

  it("listens where the command line says, else where the machine says, else on 8080", () => {
    expect(parse(["-p", "81"], { PORT: "82" }).port).toBe(81);
    expect(parse([], { PORT: "82" }).port).toBe(82);
    expect(parse([], { PORT: "no" }).port).toBe(8080);
  });

  it("knows what it is told of itself, and survives being told nonsense", () => {
    const facts = { title: "Aider", release: "1", runs: "A page.", real: false };
    expect(parse([], { [FACTS_VARIABLE]: JSON.stringify(facts), GENTITY_MODEL: "a/b" })).toMatchObject({
      facts,
      model: "a/b",
    });
    expect(parse([], { [FACTS_VARIABLE]: "{" }).facts).toMatchObject({ title: "Machine", real: false });
  });
});
