import type { Config } from "../../env.ts";
import { AppError } from "../../errors.ts";
import type { ProviderName } from "../../providers/provider.ts";

/** Daytona's own default; its sandboxes are not placed any closer. */
const DAYTONA_REGION = "us";

/** Where a new body goes: to Fly, else to a Daytona sandbox, and the answer says which. @throws not_configured */
export function chooseBodyProvider(config: Pick<Config, "fly" | "daytona" | "bodies">): {
  provider: ProviderName;
  region: string;
} {
  if (config.fly) {
    return { provider: "fly", region: config.bodies.region };
  }
  if (config.daytona) {
    return { provider: "daytona", region: DAYTONA_REGION };
  }
  throw new AppError("not_configured", "No provider for bodies is configured, so nothing can run.", {
    hint: "The operator sets FLY_API_TOKEN, or DAYTONA_API_KEY.",
  });
}
