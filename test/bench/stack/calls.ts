import type { Stack } from "./stack.ts";

interface VendorCall {
  method: string;
  path: string;
}

/** What was asked of the vendor meanwhile, as the local cloud remembers it. */
export async function vendorCalls({ vendor }: Stack, work: () => Promise<void>): Promise<VendorCall[]> {
  await vendor("DELETE", "/_control/calls");
  await work();
  const { calls } = await vendor<{ calls: VendorCall[] }>("GET", "/_control/calls");
  return calls.filter(({ path }) => !path.startsWith("/_control"));
}
