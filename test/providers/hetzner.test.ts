import { afterAll, afterEach, beforeAll } from "vitest";
import { describeProvider } from "./contract.ts";
import { type HetznerTestCloud, startHetznerTestCloud } from "./hetzner-cloud.ts";

let cloud: HetznerTestCloud;
beforeAll(async () => {
  cloud = await startHetznerTestCloud();
});
afterEach(() => cloud.calm());
afterAll(() => cloud.close());

describeProvider("hetzner", () => cloud);
