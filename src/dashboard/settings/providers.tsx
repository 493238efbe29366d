import { type Feature, type ProviderStatus, readDeployment } from "../../services/deployment/status.ts";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Scroll } from "../layout/lists.tsx";
import { Moment, Note } from "../layout/parts.tsx";
import { newPages } from "../route.ts";
import { SettingsNav } from "./nav.tsx";

const ROLES: Record<ProviderStatus["name"], { name: string; role: string; without: string }> = {
  hetzner: {
    name: "Hetzner",
    role: "A server of its own for each public instance, reached through a tunnel.",
    without: "Public instances go to Fly.",
  },
  fly: {
    name: "Fly",
    role: "A machine and a private network for each public instance; bodies of workspaces.",
    without: "Public instances go to Hetzner, and commands of workspaces to Daytona.",
  },
  daytona: {
    name: "Daytona",
    role: "Sandboxes for commands of workspaces, where Fly is not configured. Each run says so.",
    without: "Without Fly as well, commands of workspaces are refused.",
  },
};

const FEATURES: Record<Feature["name"], { name: string; on: string; off: string }> = {
  "audit-signing": {
    name: "Audit signatures",
    on: "The ends of the audit chains are signed every night.",
    off: "Audit events are chained but not signed: that the end of a chain is missing could go unnoticed.",
  },
  assertions: {
    name: "Assertions",
    on: "What the edge tells an agent about its visitor is signed.",
    off: "The edge signs nothing: agents that check who is there cannot, and there are no signed links.",
  },
  sealing: {
    name: "Sealing",
    on: "Model keys and environments are encrypted at rest.",
    off: "Nothing can be kept secret, so no instance can be created.",
  },
  traffic: {
    name: "Traffic",
    on: "The requests of an instance's URL can be read, without what was in them.",
    off: "The requests of an instance's URL are not shown.",
  },
};

export const providersPage = newPages().get("/dashboard/settings/providers", async (c) => {
  const { version, providers, features } = await readDeployment(c.var.ctx);
  const nothing = providers.every(({ configured }) => !configured);
  return c.html(
    <Frame session={c.var.session} title="Providers" place="Settings" styles={["records.css"]}>
      <PageHead
        title="Settings"
        about="What this deployment can do, and what its operator would have to set for more."
      />
      <SettingsNav current="Providers" />
      {nothing ? (
        <Note kind="bad">
          <p>
            No provider is configured, so no instance can be created. The operator sets one up as said below.
          </p>
        </Note>
      ) : null}
      <Providers providers={providers} />
      <Features features={features} />
      <p class="quiet">
        Version {version}. Values are secrets and are shown nowhere. How to set them:{" "}
        <a href="/docs">the docs</a>, under self-hosting.
      </p>
    </Frame>,
  );
});

function Providers({ providers }: { providers: readonly ProviderStatus[] }) {
  return (
    <Scroll label="Providers">
      <table class="cards">
        <caption>Where machines are rented</caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col">Is</th>
            <th scope="col">What for</th>
            <th scope="col">Last asked</th>
          </tr>
        </thead>
        <tbody>
          {providers.map((provider) => (
            <tr>
              <th scope="row">{ROLES[provider.name].name}</th>
              <td>
                <Configured is={provider.configured} />{" "}
                {provider.isDefault ? <span class="badge">default</span> : null}
              </td>
              <td>
                {ROLES[provider.name].role}
                <span class="under">
                  {provider.configured
                    ? provider.isDefault
                      ? "New public instances go here unless they ask for another."
                      : null
                    : `${ROLES[provider.name].without} ${provider.howTo}`}
                </span>
              </td>
              <td>
                <LastLook look={provider.lastLook} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Features({ features }: { features: readonly Feature[] }) {
  return (
    <Scroll label="Features">
      <table class="cards">
        <caption>What else is on</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Is</th>
            <th scope="col">That means</th>
          </tr>
        </thead>
        <tbody>
          {features.map(({ name, configured, variables }) => (
            <tr>
              <th scope="row">{FEATURES[name].name}</th>
              <td>
                <Configured is={configured} />
              </td>
              <td>
                {configured ? FEATURES[name].on : FEATURES[name].off}
                {configured ? null : <span class="under">Set {variables.join(" and ")}.</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Configured({ is }: { is: boolean }) {
  return <span class={is ? "badge good" : "badge"}>{is ? "configured" : "not configured"}</span>;
}

function LastLook({ look }: { look: ProviderStatus["lastLook"] }) {
  if (!look) {
    return <span class="quiet">not yet</span>;
  }
  return (
    <>
      <Moment at={look.at} />{" "}
      <span class={look.ok ? "badge good" : "badge bad"}>{look.ok ? "answered" : "failed"}</span>
    </>
  );
}
