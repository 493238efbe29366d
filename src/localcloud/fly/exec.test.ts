import { afterAll, beforeAll, describe, it } from "vitest";
import { processesWithEnv } from "../../os/processes.ts";
import { eventually, TestCloud, type TestMachine } from "../testing/harness.ts";

let cloud: TestCloud;
let machine: TestMachine;
beforeAll(async () => {
  cloud = await TestCloud.start();
  machine = await cloud.machine(await cloud.app(), { env: { GREETING: "hello" } });
});
afterAll(() => cloud.close());

describe("exec", () => {
  it("tells the exit code, and keeps stdout and stderr apart", async ({ expect }) => {
    const { status, body } = await cloud.exec(machine, "echo out; echo err >&2; exit 3");
    expect(status).toBe(200);
    expect(body).toEqual({ exit_code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("tells the signal that ended a command", async ({ expect }) => {
    const { body } = await cloud.exec(machine, "kill -TERM $$");
    expect(body).toEqual({ exit_signal: 15, stdout: "", stderr: "" });
  });

  it("passes stdin, in any alphabet", async ({ expect }) => {
    const { body } = await cloud.exec(machine, ["cat"], { stdin: "grüße 日本\n" });
    expect(body.stdout).toBe("grüße 日本\n");
  });

  it("takes the deprecated command string, with quotes", async ({ expect }) => {
    const { body } = await cloud.call("POST", `${machine.path}/exec`, { cmd: `echo 'a  b' "c d" e\\ f` });
    expect(body.stdout).toBe("a  b c d e f\n");
  });

  it("returns megabytes whole", async ({ expect }) => {
    const { body } = await cloud.exec(machine, "head -c 3000000 /dev/zero | tr '\\0' x");
    expect(body.stdout.length).toBe(3_000_000);
  });

  it("ends a command that takes too long, with everything it started, and answers 408", async ({
    expect,
  }) => {
    const { status, body } = await cloud.exec(machine, "MARK=late sleep 1000 & sleep 1000", { timeout: 1 });
    expect([status, body.error]).toEqual([408, "deadline_exceeded: context deadline exceeded"]);
    await eventually(async () => (await processesWithEnv("MARK=late")).length === 0);
  });

  it("does not wait for what a command leaves running", async ({ expect }) => {
    const { body } = await cloud.exec(machine, "sleep 1000 & echo done");
    expect(body).toMatchObject({ exit_code: 0, stdout: "done\n" });
  });

  it("says 127 and why when there is no such command", async ({ expect }) => {
    const { status, body } = await cloud.exec(machine, ["/no/such"]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ exit_code: 127, stderr: "spawn /no/such ENOENT\n" });
  });

  it("has the machine's environment and none of the host's", async ({ expect }) => {
    process.env.HOST_SECRET = "do not leak";
    const { body } = await cloud.exec(machine, ["env"]);
    expect(body.stdout).toContain("GREETING=hello\n");
    expect(body.stdout).toContain(`FLY_MACHINE_ID=${machine.id}\n`);
    expect(body.stdout).toContain(`FLY_APP_NAME=${machine.app}\n`);
    expect(body.stdout).toMatch(/FLY_REGION=iad\n/);
    expect(body.stdout).not.toContain("HOST_SECRET");
    expect(body.stdout).not.toContain("NODE_CHANNEL");
  });

  it("runs many at once", async ({ expect }) => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(numbers.map((number) => cloud.exec(machine, `echo ${number}`)));
    expect(answers.map(({ body }) => body.stdout)).toEqual(numbers.map((number) => `${number}\n`));
  });

  it("refuses a machine that is not started, and an empty command", async ({ expect }) => {
    const resting = await cloud.machine(machine.app);
    await cloud.act(resting, "stop", "stopped");
    const { status, body } = await cloud.exec(resting, "true");
    expect(status).toBe(412);
    expect(body.error).toMatch(/^failed_precondition: /);
    expect((await cloud.exec(machine, [])).status).toBe(400);
  });

  it("answers 500, not success, when the machine goes down under it", async ({ expect }) => {
    const doomed = await cloud.machine(machine.app);
    const running = cloud.exec(doomed, "echo begun > /tmp/begun; sleep 1000");
    await eventually(async () => (await cloud.exec(doomed, "cat /tmp/begun")).body.exit_code === 0);
    await cloud.delete(doomed);
    expect((await running).status).toBe(500);
  });

  it("lists the machine's own processes", async ({ expect }) => {
    const { body } = await cloud.call("GET", `${machine.path}/ps`);
    expect(body.some(({ command }: { command: string }) => command.startsWith("/bin/sh -c trap"))).toBe(true);
    expect(body.some(({ command }: { command: string }) => command.includes("bwrap"))).toBe(false);
  });
});
