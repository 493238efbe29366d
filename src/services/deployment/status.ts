import { sweepRuns } from "../../db/usage.ts";
import { HOW_TO_CONFIGURE } from "../../provisioning/how-to-configure.ts";
import type { Ctx } from "../context.ts";

/** What a deployment can do for its accounts, each as configured or not. No values, only that they are there. */
export interface DeploymentStatus {
  version: string;
  providers: ProviderStatus[];
  features: Feature[];
}

export interface ProviderStatus {
  name: "fly" | "hetzner" | "daytona";
  configured: boolean;
  /** New public instances go here unless they ask for another. */
  isDefault: boolean;
  howTo: string;
  /** When the vendor's own list was last read, and whether that went well; null: not yet. */
  lastLook: { at: number; ok: boolean } | null;
}

export interface Feature {
  name: "traffic" | "assertions" | "audit-signing" | "sealing";
  configured: boolean;
  /** The variables that turn it on. */
  variables: string[];
}

/** From the configuration and the last look at each vendor: three rows. Nothing is asked of the vendors. */
export async function readDeployment({ config, db }: Pick<Ctx, "config" | "db">): Promise<DeploymentStatus> {
  const looks = await db.select().from(sweepRuns).limit(10);
  const preferred = config.defaultProvider ?? "hetzner";
  const other = preferred === "hetzner" ? "fly" : "hetzner";
  const used = [preferred, other].find((name) => config[name as "fly" | "hetzner"] !== undefined);
  const providers = (["hetzner", "fly", "daytona"] as const).map((name): ProviderStatus => {
    const look = looks.find(({ provider }) => provider === name);
    return {
      name,
      configured: config[name] !== undefined,
      isDefault: name === used,
      howTo: HOW_TO_CONFIGURE[name],
      lastLook: look ? { at: look.at, ok: look.failure === null } : null,
    };
  });
  const features: Feature[] = [
    {
      name: "audit-signing",
      configured: config.auditKeys.length > 0,
      variables: ["AUDIT_SIGNING_KEYS"],
    },
    { name: "assertions", configured: config.edgeKeys.length > 0, variables: ["EDGE_SIGNING_KEYS"] },
    { name: "sealing", configured: config.sealingKeys.length > 0, variables: ["SEALING_KEYS"] },
    {
      name: "traffic",
      configured: config.traffic !== undefined,
      variables: ["CLOUDFLARE_ACCOUNT_ID", "ANALYTICS_API_TOKEN"],
    },
  ];
  return { version: config.version, providers, features };
}
