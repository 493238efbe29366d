import { beforeAll, describe, expect, it } from "vitest";
import { AIDER, newTenant, type Tenant } from "../harness.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await newTenant();
});

const HERMES = {
  agentType: "hermes",
  modelProvider: "anthropic",
  modelName: "claude-sonnet-4-6",
  apiKey: "sk-ant-source-key-000000000000",
  env: { OWN: "kept" },
  labels: { team: "a" },
};

async function settled(id: string): Promise<any> {
  for (;;) {
    const { instance } = (await owner.call("GET", `/api/instances/${id}`)).body;
    if (instance.status !== "creating") {
      return instance;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const sh = async (id: string, command: string) =>
  (await owner.call("POST", `/api/instances/${id}/exec`, { command })).body.stdout as string;

describe("clone", () => {
  it("has the same configuration, the data, and an identity of its own; the source is untouched", async () => {
    const source = (await owner.call("POST", "/api/instances?wait=60", HERMES)).body;
    const data = "/opt/data";
    await sh(source.id, `echo mine > ${data}/note.txt && seq 1000 > ${data}/numbers`);
    const hash = `cd ${data} && sha256sum note.txt numbers`;
    const before = [await sh(source.id, hash), (await owner.call("GET", `/api/instances/${source.id}`)).body];

    const answer = await owner.call("POST", `/api/instances/${source.id}/clone`, { copyData: true });
    expect(answer.status).toBe(202);
    const clone = await settled(answer.body.id);
    expect(clone).toMatchObject({
      status: "running",
      name: expect.stringContaining("(copy)"),
      modelName: HERMES.modelName,
      labels: HERMES.labels,
      spec: before[1].instance.spec,
      region: before[1].instance.region,
    });
    expect(clone.subdomain).not.toBe(source.subdomain);
    expect(await sh(clone.id, hash)).toBe(before[0]);
    const told =
      "echo $OWN $ANTHROPIC_API_KEY $HERMES_DASHBOARD_PUBLIC_URL; echo $HERMES_DASHBOARD_BASIC_AUTH_PASSWORD";
    const [mine = "", theirs = ""] = [await sh(clone.id, told), await sh(source.id, told)];
    expect(mine).toContain(`kept ${HERMES.apiKey} https://${clone.subdomain}`);
    expect(mine.split("\n")[1]).not.toBe(theirs.split("\n")[1]);
    // A config file on the copied volume would name the source.
    expect(await sh(clone.id, `grep -rl ${source.subdomain} ${data} | head -1`)).toBe("");

    expect([
      await sh(source.id, hash),
      (await owner.call("GET", `/api/instances/${source.id}`)).body,
    ]).toEqual(before);
    await owner.call("DELETE", `/api/instances/${clone.id}`);
    await owner.call("DELETE", `/api/instances/${source.id}`);
  });

  it("takes another key where one is given, and starts empty where no data was asked for", async () => {
    const source = (await owner.call("POST", "/api/instances?wait=60", AIDER)).body;
    const { body } = await owner.call("POST", `/api/instances/${source.id}/clone`, {
      name: "second",
      apiKey: "sk-another-key",
    });
    const clone = await settled(body.id);
    expect(clone).toMatchObject({ status: "running", name: "second" });
    expect(await sh(clone.id, "echo $OPENAI_API_KEY")).toBe("sk-another-key\n");
    await owner.call("DELETE", `/api/instances/${clone.id}`);
    await owner.call("DELETE", `/api/instances/${source.id}`);
  });
});
