import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkToken, findLocal, readSaved, resolveSettings, writeSaved } from "./config.ts";
import { type Home, makeHome, TOKEN } from "./testing/run-cli.ts";

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const none = { flags: {}, env: {}, saved: {}, local: {} };
const flags = { apiUrl: "https://flag.example", token: "flag" };
const env = { GENTITY_API_URL: "https://env.example/", GENTITY_TOKEN: "env" };
const saved = { apiUrl: "https://saved.example", token: "saved" };
const local = { apiUrl: "http://localhost:8787", token: "local" };

test.each([
  ["flags before all else", { flags, env, saved, local }, "https://flag.example", "flag"],
  ["then the environment", { ...none, env, saved, local }, "https://env.example", "env"],
  ["then the saved login", { ...none, saved, local }, "https://saved.example", "saved"],
  ["then the local stack", { ...none, local }, "http://localhost:8787", "local"],
  ["then the public address, with nobody logged in", none, "https://gentity.ai", null],
  ["each value on its own", { ...none, flags: { token: "flag" }, saved }, "https://saved.example", "flag"],
  [
    "the local stack's token when its address is asked for",
    { ...none, env: { GENTITY_API_URL: "http://localhost:8787/" }, local },
    "http://localhost:8787",
    "local",
  ],
  [
    "the local stack's token under another of this computer's names",
    { ...none, env: { GENTITY_API_URL: "http://gentity.localhost:8787" }, local },
    "http://gentity.localhost:8787",
    "local",
  ],
  [
    "no local token for another port",
    { ...none, env: { GENTITY_API_URL: "http://localhost:1" }, local },
    "http://localhost:1",
    null,
  ],
  [
    "no local token for another address",
    { ...none, flags: { apiUrl: "https://flag.example" }, local },
    "https://flag.example",
    null,
  ],
  [
    "no local address for a token from elsewhere",
    { ...none, env: { GENTITY_TOKEN: "env" }, local },
    "https://gentity.ai",
    "env",
  ],
])("%s", (_name, sources, apiUrl, token) => {
  expect(resolveSettings(sources)).toMatchObject({ apiUrl, token });
});

test("an address that is none is refused", () => {
  expect(() => resolveSettings({ ...none, flags: { apiUrl: "gentity.ai" } })).toThrow("not an http");
  expect(() => resolveSettings({ ...none, flags: { apiUrl: "ftp://gentity.ai" } })).toThrow("not an http");
});

test("only a token of the right form is used", () => {
  expect(checkToken(TOKEN, "x")).toBe(TOKEN);
  for (const bad of [
    "",
    "gn_live_",
    `${TOKEN}a`,
    TOKEN.toUpperCase(),
    TOKEN.replace("a", "1"),
    `${TOKEN}\nx`,
  ]) {
    expect(() => checkToken(bad, "x")).toThrow("gn_live_");
  }
});

test("a login is saved for its owner's eyes only", async () => {
  const homeEnv = { HOME: home.path };
  await writeSaved(homeEnv, { apiUrl: "https://a.example", token: TOKEN });
  expect(statSync(home.configPath).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(home.configPath, "utf8"))).toEqual({
    apiUrl: "https://a.example",
    token: TOKEN,
  });
  expect(await readSaved(homeEnv)).toEqual({ apiUrl: "https://a.example", token: TOKEN });
});

test("XDG_CONFIG_HOME moves the login", async () => {
  const xdg = { HOME: home.path, XDG_CONFIG_HOME: join(home.path, "elsewhere") };
  await writeSaved(xdg, { token: TOKEN });
  expect(await readSaved(xdg)).toEqual({ apiUrl: undefined, token: TOKEN });
  expect(await readSaved({ HOME: home.path })).toEqual({});
});

test("finds the local stack from a folder inside the project", async () => {
  const deep = join(home.path, "project", "src", "deep");
  mkdirSync(deep, { recursive: true });
  leave(join(home.path, "project", ".gentity"), local);
  expect(await findLocal({}, deep)).toEqual(local);
  expect(await findLocal({}, home.path)).toEqual({});
});

test("GENTITY_STATE names another folder, here or anywhere", async () => {
  leave(join(home.path, "state"), local);
  expect(await findLocal({ GENTITY_STATE: join(home.path, "state") }, "/")).toEqual(local);
  expect(await findLocal({ GENTITY_STATE: "state" }, home.path)).toEqual(local);
});

test("a local.json that points to another computer is ignored", async () => {
  for (const apiUrl of ["https://evil.example", "http://localhost.evil.example", "nonsense"]) {
    leave(join(home.path, ".gentity"), { apiUrl, token: TOKEN });
    expect(await findLocal({}, home.path)).toEqual({});
  }
  for (const apiUrl of ["http://gentity.localhost:8787", "http://127.0.0.1:1", "http://[::1]:1"]) {
    leave(join(home.path, ".gentity"), { apiUrl, token: TOKEN });
    expect(await findLocal({}, home.path)).toEqual({ apiUrl, token: TOKEN });
  }
});

function leave(folder: string, content: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "local.json"), JSON.stringify(content));
}
