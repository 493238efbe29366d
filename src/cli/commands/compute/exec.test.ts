import { afterEach, expect, test } from "vitest";
import {
  exit,
  openStream,
  output,
  type Routes,
  type Scene,
  sendError,
  sendJson,
  startScene,
  streaming,
} from "../../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const EXEC = "POST /api/instances/cl-x7k2m9q4/exec";
const exec = (...rest: string[]) => ["compute", "exec", "cl-x7k2m9q4", ...rest];

test("passes both outputs on apart, byte for byte, and ends with the command's exit code", async () => {
  const bytes = Buffer.from([0, 1, 2, 0xff, 0xfe, 10]);
  const { run, api } = await given({
    [EXEC]: streaming(
      ["stdout", output(bytes.subarray(0, 3))],
      ["stderr", output("careful\n")],
      ["stdout", output(bytes.subarray(3))],
      ["exit", exit(42)],
    ),
  });
  const result = await run(
    exec("--cwd", "/w", "--env", "A=1=2", "--timeout", "9", "--", "make", "-j", "--json"),
  );
  expect(result.code).toBe(42);
  expect(result.stdoutBytes.equals(bytes)).toBe(true);
  expect(result.stderr).toBe("careful\n");
  expect(api.requests[0]?.body).toEqual({
    command: ["make", "-j", "--json"],
    cwd: "/w",
    env: { A: "1=2" },
    timeoutSeconds: 9,
  });
});

test("one word is left to a shell", async () => {
  const { run, api } = await given({ [EXEC]: streaming(["exit", exit(0)]) });
  expect(await run(exec("--", "ls | wc -l"))).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(api.requests[0]?.body).toEqual({ command: "ls | wc -l", timeoutSeconds: 86_400 });
});

test.each([
  ["SIGKILL", 137],
  ["SIGTERM", 143],
  ["SIGSEGV", 139],
  ["SIGNONE", 1],
])("a command that ended by %s exits with %i", async (signal, code) => {
  const { run } = await given({ [EXEC]: streaming(["exit", exit(null, signal)]) });
  expect((await run(exec("--", "x"))).code).toBe(code);
});

test("a command that was ended because its time was over is 124", async () => {
  const { run } = await given({ [EXEC]: streaming(["exit", { ...exit(137, "SIGKILL"), timedOut: true }]) });
  const result = await run(exec("--timeout", "1", "--", "sleep", "99"));
  expect(result.code).toBe(124);
  expect(result.stderr).toContain("--timeout");
});

test("so is one that was never heard of again in that time", async () => {
  const { run } = await given({
    [EXEC]: streaming(
      ["stdout", output("so far\n")],
      ["error", { error: "It took too long.", code: "exec_timeout" }],
    ),
  });
  const result = await run(exec("--", "sleep", "99"));
  expect(result).toMatchObject({ code: 124, stdout: "so far\n" });
  expect(result.stderr).toContain("It took too long.");
});

test("what is piped in goes to the command, text as text and bytes as bytes", async () => {
  const { run, api } = await given({ [EXEC]: streaming(["exit", exit(0)]) });
  await run(exec("--", "cat"), { stdin: "héllo\n" });
  expect(api.requests[0]?.body).toMatchObject({ command: "cat", stdin: "héllo\n" });
  const bytes = Buffer.from([0xff, 0, 0xfe]);
  await run(exec("--", "cat"), { stdin: bytes });
  expect(api.requests[1]?.body).toMatchObject({ command: "cat", stdinBase64: bytes.toString("base64") });
  await run(exec("--no-stdin", "--", "cat"), { stdin: "ignored" });
  expect(api.requests[2]?.body).toEqual({ command: "cat", timeoutSeconds: 86_400 });
});

test("output arrives before the command has ended, and Ctrl-C ends it with 130", async () => {
  let isClosed: Promise<void> | undefined;
  const { run } = await given({
    [EXEC]: (_request, response) => {
      isClosed = new Promise((resolve) => response.once("close", resolve));
      openStream(response)("stdout", output("tick\n"));
    },
  });
  const result = await run(exec("--", "forever"), { interruptAt: /tick/ });
  expect(result).toMatchObject({ code: 130, stdout: "tick\n" });
  await isClosed;
});

test("with --json one document holds everything, and the exit code stays the command's", async () => {
  const { run } = await given({
    [EXEC]: streaming(["stdout", output("out")], ["stderr", output("err")], ["exit", exit(5)]),
  });
  const result = await run(exec("--json", "--", "x"));
  expect(result.code).toBe(5);
  expect(JSON.parse(result.stdout)).toEqual({ ...exit(5), stdout: "out", stderr: "err" });
});

test("a detached command prints its id, and can be followed by it", async () => {
  const { run } = await given({
    [EXEC]: (_request, response) => sendJson(response, 202, { execId: "x1" }),
    "GET /api/instances/cl-x7k2m9q4/exec/x1": (_request, response) =>
      sendJson(response, 200, {
        ...exit(3),
        status: "exited",
        stdout: "done\n",
        stderr: "",
        stdoutOffset: 5,
        stderrOffset: 0,
      }),
  });
  expect(await run(exec("--detach", "--", "x"))).toMatchObject({ code: 0, stdout: "x1\n" });
  expect(await run(exec("--attach", "x1"))).toMatchObject({ code: 3, stdout: "done\n" });
});

test("a lost connection is not taken for an end", async () => {
  const { run } = await given({ [EXEC]: streaming(["stdout", output("half")]) });
  const result = await run(exec("--", "x"));
  expect(result).toMatchObject({ code: 7, stdout: "half" });
  expect(result.stderr).toContain("before the command did");
});

test("a state that does not allow it is 5, with the state and what to do", async () => {
  const { run } = await given({
    [EXEC]: (_request, response) =>
      sendError(response, 409, {
        code: "invalid_state",
        error: "The instance is stopped.",
        hint: "Start it first.",
        details: [{ status: "stopped" }],
      }),
  });
  const result = await run(exec("--", "x"));
  expect(result.code).toBe(5);
  expect(result.stderr).toBe(
    "Error: The instance is stopped.\n  status stopped\n  invalid_state · request req_test\nNext: Start it first.\n",
  );
});

test("no command is a usage error", async () => {
  const { run, api } = await given({});
  expect((await run(exec())).code).toBe(2);
  expect(api.requests).toEqual([]);
});
