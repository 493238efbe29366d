import { GentityClient } from "../sdk/index.ts";
import type { Registry } from "./command.ts";
import {
  type Credentials,
  checkToken,
  findLocal,
  readSaved,
  resolveSettings,
  type Settings,
} from "./config.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { nodeFetch } from "./node-fetch.ts";
import type { Output } from "./output.ts";
import { USER_AGENT } from "./version.ts";

/** Few, because a person is waiting. */
const MAX_RETRIES = 2;

/** What a command may touch. */
export interface Context {
  readonly out: Output;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** All commands, for what tells about commands. */
  readonly registry: Registry;
  /** `--api-url` and `--token`, as given. */
  readonly flags: Credentials;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** A client for the account; fails when nobody is logged in. */
  client: () => Promise<GentityClient>;
  /** A client for what is public; carries the token where there is one. */
  publicClient: () => Promise<GentityClient>;
}

/** The context of this process. */
export function createContext(parts: {
  out: Output;
  flags: Credentials;
  signal: AbortSignal;
  registry: Registry;
}): Context {
  const env = process.env;
  const cwd = process.cwd();
  const settings = async (): Promise<Settings> => {
    const [saved, local] = await Promise.all([readSaved(env), findLocal(env, cwd)]);
    return resolveSettings({ flags: parts.flags, env, saved, local });
  };
  return {
    ...parts,
    stdin: process.stdin,
    env,
    cwd,
    client: async () => {
      const found = await settings();
      if (found.token === null) throw notLoggedIn(found.apiUrl);
      return clientFor(found);
    },
    publicClient: async () => clientFor(await settings()),
  };
}

/** A client that says who it is. */
export function clientFor(settings: Settings): GentityClient {
  const { apiUrl, token, tokenFrom } = settings;
  return new GentityClient({
    baseUrl: apiUrl,
    token: token === null ? undefined : checkToken(token, tokenFrom ?? "config"),
    maxRetries: MAX_RETRIES,
    fetch: nodeFetch,
    userAgent: USER_AGENT,
  });
}

function notLoggedIn(apiUrl: string): CliError {
  return new CliError(`Not logged in to ${apiUrl}.`, {
    exitCode: EXIT.unauthorized,
    next: ["Log in with: gentity login", "Or work locally, without an account: npm start"],
  });
}
