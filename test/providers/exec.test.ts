import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { startTestDaytona, type TestDaytona } from "./daytona-cloud.ts";
import { describeExec, type ExecSubject } from "./exec-contract.ts";

describe("fly", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud();
  });
  afterEach(() => cloud.calm());
  afterAll(() => cloud.close());

  const subject = (): ExecSubject => ({
    ...cloud,
    orderExec: (rule, count) =>
      cloud.api("POST", "/_control/faults", { match: { method: "POST", path: "^.*/exec$", count }, ...rule }),
    refusal: (_, error) => ({ error }),
  });
  describeExec(subject);
});

describe("daytona", () => {
  let cloud: TestDaytona;
  beforeAll(async () => {
    cloud = await startTestDaytona();
  });
  afterEach(() => cloud.calm());
  afterAll(() => cloud.close());

  const subject = (): ExecSubject => ({
    ...cloud,
    orderExec: (rule, count) =>
      cloud.api("POST", "/_control/faults", { match: { method: "POST", path: "^.*/exec$", count }, ...rule }),
    refusal: (statusCode, message) => ({ statusCode, message, path: "/", timestamp: "" }),
  });
  describeExec(subject);
});
