import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { parse } from "./program.ts";

async function outcome(...argv: string[]) {
  const written = { out: "", err: "" };
  const parsed = await parse(argv, {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  }).catch((error: unknown) => {
    if (error instanceof CommanderError) return null;
    throw error;
  });
  return { ...written, args: parsed?.args, options: parsed?.options };
}

test("options are typed by the command's table, and absent ones have their defaults", async () => {
  const { options } = await outcome(
    "compute",
    "create",
    "--agent",
    "a",
    "--cpus",
    "0.5",
    "-e",
    "A=1",
    "-e",
    "B=2",
    "--api-key",
    "-",
  );
  expect(options).toEqual({
    agent: "a",
    cpus: 0.5,
    env: ["A=1", "B=2"],
    label: [],
    detach: false,
    apiKey: "-",
  });
});

test("everything after -- is the command, flags and all", async () => {
  const { args, options } = await outcome(
    "compute",
    "exec",
    "cl-1",
    "--cwd",
    "/x",
    "--",
    "ls",
    "-la",
    "--json",
  );
  expect(args).toEqual({ id: "cl-1", command: ["ls", "-la", "--json"] });
  expect(options).toMatchObject({ cwd: "/x", stdin: true });
  expect(options?.json).toBeUndefined();
});

test("an alias is its command", async () => {
  expect((await outcome("compute", "rm", "x", "-y")).options).toMatchObject({ yes: true });
  expect((await outcome("compute", "ls")).options).toMatchObject({ quiet: false });
});

test("dev passes on whatever it is given", async () => {
  const { args } = await outcome("dev", "--port", "9000", "--help", "-x");
  expect(args).toEqual({ flags: ["--port", "9000", "--help", "-x"] });
});

test("a mistyped command is answered with the one that was meant", async () => {
  expect((await outcome("compute", "lits")).err).toContain("Did you mean list");
  expect((await outcome("compue")).err).toContain("Did you mean compute");
});

test.each([
  [["compute", "logs", "x", "--lines", "many"], "Not a whole number"],
  [["compute", "logs", "x", "--lines", "0"], "from 1 to 1000"],
  [["compute", "get"], "missing required argument 'id'"],
  [["compute", "get", "a", "b"], "too many arguments"],
  [["compute", "get", "a", "--jsom"], "Did you mean --json"],
])("%j is a mistake that is explained", async (argv, explanation) => {
  const { err } = await outcome(...argv);
  expect(err).toContain(explanation);
  expect(err).toContain("Next: gentity compute");
});

test("help names every command, and help of a command is its own", async () => {
  const { out } = await outcome();
  for (const name of ["login", "logout", "agents", "compute", "tokens", "api", "dev", "completion"]) {
    expect(out).toContain(`  ${name}`);
  }
  expect((await outcome("help", "compute", "create")).out).toBe(
    (await outcome("compute", "create", "--help")).out,
  );
  expect((await outcome("compute", "create", "--help")).out).toContain("--api-key <key>");
});
