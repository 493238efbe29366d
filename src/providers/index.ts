/** The vendors this deployment may use. A vendor without a configuration is absent, never pretended. */
import { createDaytonaProvider, type DaytonaConfig } from "./daytona/provider.ts";
import { createFlyProvider, type FlyConfig } from "./fly/provider.ts";
import { createHetznerProvider, type HetznerConfig } from "./hetzner/provider.ts";
import type { Provider, ProviderName } from "./provider.ts";

export interface ProvidersConfig {
  fly?: FlyConfig;
  hetzner?: HetznerConfig;
  daytona?: DaytonaConfig;
}

const CREATE = {
  fly: ({ fly }: ProvidersConfig) => (fly === undefined ? undefined : createFlyProvider(fly)),
  hetzner: ({ hetzner }: ProvidersConfig) =>
    hetzner === undefined ? undefined : createHetznerProvider(hetzner),
  daytona: ({ daytona }: ProvidersConfig) =>
    daytona === undefined ? undefined : createDaytonaProvider(daytona),
} satisfies Partial<Record<ProviderName, (config: ProvidersConfig) => Provider | undefined>>;

export type Providers = Partial<Record<ProviderName, Provider>>;

export function createProviders(config: ProvidersConfig): Providers {
  const providers: Providers = {};
  for (const [name, create] of Object.entries(CREATE) as [
    keyof typeof CREATE,
    (typeof CREATE)[keyof typeof CREATE],
  ][]) {
    const provider = create(config);
    if (provider !== undefined) providers[name] = provider;
  }
  return providers;
}
