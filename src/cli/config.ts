import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { isLoopback } from "./loopback.ts";

const DEFAULT_API_URL = "https://gentity.ai";
const TOKEN_FORM = /^gn_live_[a-z2-7]{52}$/;

/** An address and a token, as a file or the command line may give them. */
export interface Credentials {
  apiUrl?: string;
  token?: string;
  /** The operator's secret; the local stack alone leaves it in a file. */
  adminToken?: string;
}

/** What applies to this run, and where the token comes from. */
export interface Settings {
  apiUrl: string;
  token: string | null;
  tokenFrom: "--token" | "GENTITY_TOKEN" | "config" | "local stack" | null;
}

/** Flags come first, then the environment, then the saved login; the local stack only where none of them speaks. */
export function resolveSettings(sources: {
  flags: Credentials;
  env: NodeJS.ProcessEnv;
  saved: Credentials;
  local: Credentials;
}): Settings {
  const { flags, env, saved, local } = sources;
  const chosenUrl = flags.apiUrl || env.GENTITY_API_URL || saved.apiUrl;
  // The local stack's token belongs to the local stack: it goes to no other address.
  const localApplies = !chosenUrl || (local.apiUrl && isSameServer(chosenUrl, local.apiUrl));
  const candidates = [
    ["--token", flags.token],
    ["GENTITY_TOKEN", env.GENTITY_TOKEN],
    ["config", saved.token],
    ["local stack", localApplies ? local.token : undefined],
  ] as const;
  const [tokenFrom, token] = candidates.find(([, value]) => value) ?? [null, undefined];
  const isNothingSet = !chosenUrl && (tokenFrom === null || tokenFrom === "local stack");
  const apiUrl = normalUrl(chosenUrl || (isNothingSet && local.apiUrl) || DEFAULT_API_URL);
  return { apiUrl, token: token?.trim() ?? null, tokenFrom };
}

/** The operator's address and secret: the same order, but a login is an account's and says nothing of the secret. */
export function resolveAdminSettings(sources: Parameters<typeof resolveSettings>[0]): {
  apiUrl: string;
  adminToken: string | null;
} {
  const { flags, env, saved, local } = sources;
  const asked = flags.token || env.GENTITY_ADMIN_TOKEN;
  const { apiUrl, token } = resolveSettings({
    flags: { apiUrl: flags.apiUrl, token: asked },
    env: { GENTITY_API_URL: env.GENTITY_API_URL },
    saved: { apiUrl: saved.apiUrl },
    local: { apiUrl: local.apiUrl, token: local.adminToken },
  });
  return { apiUrl, adminToken: token };
}

/** Fails on anything that cannot be a token, before it is sent anywhere. */
export function checkToken(token: string, from: string): string {
  if (TOKEN_FORM.test(token)) return token;
  throw new CliError(`The token from ${from} is not of the form gn_live_ and 52 letters and digits.`, {
    exitCode: EXIT.unauthorized,
    next: ["Copy it whole, then: gentity login"],
  });
}

/** This computer has many names: what listens at one port is one server under all of them. */
function isSameServer(chosen: string, local: string): boolean {
  const [a, b] = [new URL(normalUrl(chosen)), new URL(normalUrl(local))];
  return a.origin === b.origin || (a.port === b.port && isLoopback(a.hostname) && isLoopback(b.hostname));
}

function normalUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new CliError(`"${text}" is not an http(s) address.`, {
      exitCode: EXIT.usage,
      next: ["Give one such as --api-url https://gentity.ai"],
    });
  }
  return text.replace(/\/+$/, "");
}

/** Where the login is kept. */
export function configPath(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config"), "gentity", "config.json");
}

/** The saved login; empty when there is none. */
export async function readSaved(env: NodeJS.ProcessEnv): Promise<Credentials> {
  const path = configPath(env);
  const text = await readIfThere(path);
  if (text === null) return {};
  const saved = parseCredentials(text);
  if (saved) return saved;
  throw new CliError(`${path} is not valid JSON.`, { next: ["Start over: gentity logout"] });
}

/** Saves a login for the owner's eyes only, whole or not at all. */
export async function writeSaved(env: NodeJS.ProcessEnv, credentials: Credentials): Promise<void> {
  const path = configPath(env);
  const draft = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  // `mode` is subject to the umask and means nothing for a file left over from before.
  await chmod(draft, 0o600);
  await rename(draft, path);
}

/** Forgets the saved login. */
export async function removeSaved(env: NodeJS.ProcessEnv): Promise<void> {
  await rm(configPath(env), { force: true });
}

/** What the local stack left in its state folder, here or in a folder above. */
export async function findLocal(env: NodeJS.ProcessEnv, cwd: string): Promise<Credentials> {
  const state = env.GENTITY_STATE || ".gentity";
  for (let folder = cwd; ; folder = dirname(folder)) {
    const base = isAbsolute(state) ? state : join(folder, state);
    const text = await readIfThere(join(base, "local.json"));
    if (text !== null) return onlyLoopback(parseCredentials(text) ?? {});
    if (isAbsolute(state) || dirname(folder) === folder) return {};
  }
}

/** A folder someone else made must not be able to direct us, and the model keys with us, to another computer. */
function onlyLoopback(local: Credentials): Credentials {
  if (!local.apiUrl || !URL.canParse(local.apiUrl)) return {};
  return isLoopback(new URL(local.apiUrl).hostname) ? local : {};
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new CliError(`Cannot read ${path}: ${code}`);
  }
}

function parseCredentials(text: string): Credentials | null {
  try {
    const { apiUrl, token, adminToken } = JSON.parse(text) as Record<string, unknown>;
    return {
      apiUrl: typeof apiUrl === "string" ? apiUrl : undefined,
      token: typeof token === "string" ? token : undefined,
      ...(typeof adminToken === "string" && { adminToken }),
    };
  } catch {
    return null;
  }
}
