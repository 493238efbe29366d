import { describe, expect, it } from "vitest";
import { proofHeaders } from "../../auth/edge-proof.ts";
import type { SigningKey } from "../../auth/signing-keys.ts";
import type { Agent } from "../../catalog/agent.ts";
import { currentRelease, findAgent } from "../../catalog/catalog.ts";
import { renderFor } from "./rendering.ts";

const key = (id: string, fill: number): SigningKey => ({ id, seed: new Uint8Array(32).fill(fill) });
const openclaw = findAgent("openclaw") as Agent;
const INPUTS = { apiKey: "sk-test", env: {}, secret: "secret", edition: null };

/** In which header OpenClaw of this owner looks for its user. */
async function askedFor(accountId: string, edgeKeys: SigningKey[]): Promise<string> {
  const config = {
    publicOrigin: new URL("https://gentity.test"),
    baseDomain: "gentity.test",
    flyAppUrl: "https://{app}.fly.dev",
    hetzner: undefined,
    edgeKeys,
  };
  const recipe = await renderFor(
    config,
    {
      ...{ instanceId: "cmp1", accountId, subdomain: "op-x7k2m9q4", provider: "fly" },
      ...{ release: currentRelease(openclaw), model: { provider: "anthropic", name: "claude-sonnet-4-6" } },
    },
    INPUTS,
  );
  return JSON.parse(recipe.files[0]?.content ?? "{}").gateway.auth.trustedProxy.userHeader;
}

describe("an agent that asks for the edge's proof", () => {
  it("asks for what the edge sends, which goes on being sent when a new key is put in front", async () => {
    const asked = await askedFor("acc_1", [key("a", 1), key("b", 2)]);
    const sentLater = await proofHeaders([key("c", 3), key("a", 1)], {
      instanceId: "cmp1",
      accountId: "acc_1",
    });
    expect(sentLater).toContain(asked);
  });

  it("asks for another one when it is somebody else's, so that who gave it away knows nothing", async () => {
    expect(await askedFor("acc_2", [key("a", 1)])).not.toBe(await askedFor("acc_1", [key("a", 1)]));
  });

  it("looks where everybody can write where the edge has no key", async () => {
    expect(await askedFor("acc_1", [])).toBe("x-gentity-user");
  });
});
