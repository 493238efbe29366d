import * as z from "zod";

/**
 * What the object puts in a provider's queue: "come and drive this instance". It carries no work and no secret; the
 * driver asks the object what to do, so a duplicate or late message finds nothing.
 */
export const ProvisioningMessage = z.object({
  version: z.literal(1),
  instanceId: z.string().regex(/^cmp[a-z0-9]+$/),
  generation: z.number().int(),
});
export type ProvisioningMessage = z.infer<typeof ProvisioningMessage>;
