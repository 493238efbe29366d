import { Hono } from "hono";
import * as z from "zod";
import { leaseHeld, leaseNotFound } from "../errors.ts";
import { newNonce } from "../ids.ts";
import type { LeaseRecord, MachineRecord } from "../records.ts";
import { leaseView } from "../views.ts";
import { type ApiContext, type ApiEnv, body, param, type RouteContext } from "./http.ts";

const NONCE_HEADER = "fly-machine-lease-nonce";
const DEFAULT_TTL_SECONDS = 120;

const leaseRequest = z.looseObject({
  ttl: z.int().positive().optional(),
  description: z.string().optional(),
});

function currentLease({ lease }: MachineRecord): LeaseRecord | undefined {
  return lease && lease.expiresAt * 1000 > Date.now() ? lease : undefined;
}

/** While somebody holds the machine, others may look and not touch. */
export function requireLease(c: ApiContext, record: MachineRecord): void {
  const lease = currentLease(record);
  if (lease && c.req.header(NONCE_HEADER) !== lease.nonce) {
    throw leaseHeld(record.id, lease.owner, lease.expiresAt);
  }
}

export interface Grant {
  ttl: number;
  owner: string;
  description: string;
}

export function grantLease(record: MachineRecord, { ttl, owner, description }: Grant): LeaseRecord {
  const nonce = currentLease(record)?.nonce ?? newNonce();
  const expiresAt = Math.floor(Date.now() / 1000) + ttl;
  record.lease = { nonce, expiresAt, owner, description };
  return record.lease;
}

export function leaseRoutes({ cloud, owner }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const path = "/apps/:app/machines/:machine/lease";
  const find = (c: ApiContext) =>
    cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine")).record;
  const envelope = (lease: LeaseRecord, record: MachineRecord) => ({
    status: "success",
    data: leaseView(lease, record.instanceId),
  });

  routes.get(path, (c) => {
    const record = find(c);
    const lease = currentLease(record);
    if (!lease) throw leaseNotFound();
    return c.json(envelope(lease, record));
  });

  /** With the nonce of the lease that is held, it is renewed. */
  routes.post(path, async (c) => {
    const record = find(c);
    requireLease(c, record);
    const { ttl, description = "" } = await body(c, leaseRequest);
    const seconds = ttl ?? (Number(c.req.query("ttl")) || DEFAULT_TTL_SECONDS);
    const lease = grantLease(record, { ttl: seconds, owner, description });
    cloud.context.state.changed();
    return c.json(envelope(lease, record), 201);
  });

  routes.delete(path, (c) => {
    const record = find(c);
    if (!currentLease(record)) throw leaseNotFound();
    requireLease(c, record);
    delete record.lease;
    cloud.context.state.changed();
    return c.json({ ok: true });
  });

  return routes;
}
