/** The request bodies, as much of them as has an effect here. What is not named is kept and shown again, and changes nothing. */
import * as z from "zod";

const words = z.array(z.string()).nullish();

/** Keys are `3000/tcp`. */
const ports = z.record(z.string(), z.unknown()).nullish();

const hostConfig = z.looseObject({
  Binds: words,
  Mounts: z
    .array(
      z.looseObject({
        Type: z.string(),
        Source: z.string(),
        Target: z.string(),
        ReadOnly: z.boolean().nullish(),
      }),
    )
    .nullish(),
  PortBindings: z
    .record(
      z.string(),
      z.array(z.looseObject({ HostIp: z.string().nullish(), HostPort: z.string().nullish() })).nullish(),
    )
    .nullish(),
  Memory: z.number().nullish(),
  NanoCpus: z.number().nullish(),
  RestartPolicy: z.looseObject({ Name: z.string().nullish() }).nullish(),
});

export const containerRequest = z.looseObject({
  Image: z.string(),
  Env: words,
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
  Entrypoint: z
    .union([z.string().transform((word) => (word === "" ? [] : [word])), z.array(z.string())])
    .nullish(),
  Cmd: z.union([z.string().transform((word) => [word]), z.array(z.string())]).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  ExposedPorts: ports,
  Tty: z.boolean().nullish(),
  StopSignal: z.string().nullish(),
  StopTimeout: z.number().nullish(),
  HostConfig: hostConfig.nullish(),
});

export type ContainerRequest = z.infer<typeof containerRequest>;

export const execRequest = z.looseObject({
  AttachStdin: z.boolean().nullish(),
  AttachStdout: z.boolean().nullish(),
  AttachStderr: z.boolean().nullish(),
  Tty: z.boolean().nullish(),
  Cmd: z.array(z.string()).min(1, "No exec command specified"),
  Env: words,
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
  ConsoleSize: z.tuple([z.number(), z.number()]).nullish(),
});

export type ExecRequest = z.infer<typeof execRequest>;

export const execStartRequest = z.looseObject({
  Detach: z.boolean().nullish(),
  Tty: z.boolean().nullish(),
});

/** `NAME=value` words; a name alone takes the variable away, which here means that it is not set. */
export function environmentOf(words: string[] | null | undefined): Record<string, string> {
  const pairs = (words ?? [])
    .filter((word) => word.includes("="))
    .map((word): [string, string] => {
      const at = word.indexOf("=");
      return [word.slice(0, at), word.slice(at + 1)];
    });
  return Object.fromEntries(pairs);
}

/** `3000/tcp` or `3000`. */
export function portNumber(key: string): number {
  return Number.parseInt(key, 10);
}
