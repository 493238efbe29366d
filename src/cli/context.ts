import { GentityClient } from "../sdk/index.ts";
import type { Registry } from "./command.ts";
import {
  type Credentials,
  checkToken,
  findLocal,
  readSaved,
  resolveAdminSettings,
  resolveSettings,
  type Settings,
} from "./config.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { nodeFetch } from "./node-fetch.ts";
import type { Output } from "./output.ts";
import { USER_AGENT } from "./version.ts";

/** Few retries, because a person is waiting. */
const CLIENT = { maxRetries: 2, fetch: nodeFetch, userAgent: USER_AGENT };

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
  /** A client for the operator; fails where nobody gave its secret. */
  adminClient: () => Promise<GentityClient>;
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
  const sources = async () => {
    const [saved, local] = await Promise.all([readSaved(env), findLocal(env, cwd)]);
    return { flags: parts.flags, env, saved, local };
  };
  const settings = async (): Promise<Settings> => resolveSettings(await sources());
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
    adminClient: async () => {
      const { apiUrl, adminToken } = resolveAdminSettings(await sources());
      if (adminToken === null) throw notTheOperator(apiUrl);
      return new GentityClient({ ...CLIENT, baseUrl: apiUrl, token: adminToken });
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
    ...CLIENT,
  });
}

function notLoggedIn(apiUrl: string): CliError {
  return new CliError(`Not logged in to ${apiUrl}.`, {
    exitCode: EXIT.unauthorized,
    next: ["Log in with: gentity login", "Or work locally, without an account: npm start"],
  });
}

function notTheOperator(apiUrl: string): CliError {
  return new CliError(`No operator's secret for ${apiUrl}.`, {
    exitCode: EXIT.unauthorized,
    next: ["Set GENTITY_ADMIN_TOKEN to the deployment's ADMIN_TOKEN", "Or work locally: npm start"],
  });
}
