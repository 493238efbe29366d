import type { FaultyVendor } from "../../faults/inject.ts";
import { failure, rateLimited, recordQuota, tooManyTunnels } from "../errors.ts";

/** Nothing here is a machine, so none can vanish or be disguised; no room is a full account or zone. */
export const FAULTY_CLOUDFLARE: FaultyVendor = {
  errorBody(_, status) {
    const { code, message } = rateLimited();
    return status === 429 ? failure(code, message) : failure(10013, "An unknown error has occurred");
  },
  retryHeader: "retry-after",
  noRoom: async (c) => (c.req.path.includes("/dns_records") ? recordQuota() : tooManyTunnels()),
  disguise: (part) => part,
  vanish: async () => {},
};
