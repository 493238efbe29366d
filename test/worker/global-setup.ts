import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startLocalCloud } from "../../src/localcloud/server.ts";
import { startEchoOrigin } from "./echo-origin.ts";

/** One local cloud for all tests in workerd: real HTTP, real processes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = mkdtempSync(join(tmpdir(), "gentity-worker-tests-"));
  const cloud = await startLocalCloud({
    stateDir,
    token: "local",
    port: 0,
    proxyPort: 0,
    openidRedirects: ["http://localhost/sign-in/callback", "https://gentity.test/sign-in/callback"],
  });
  const { url: cloudUrl, proxyUrl, hetznerUrl, cloudflareUrl, tunnelUrl, openidUrl } = cloud;
  const echo = await startEchoOrigin();
  const urls = { cloudUrl, proxyUrl, hetznerUrl, cloudflareUrl, tunnelUrl, openidUrl, echoUrl: echo.url };
  for (const [name, url] of Object.entries(urls)) {
    project.provide(name as never, url as never);
  }
  return async () => {
    await echo.close();
    await cloud.close();
    rmSync(stateDir, { recursive: true, force: true });
  };
}
