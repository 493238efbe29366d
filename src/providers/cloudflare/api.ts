/** Cloudflare's calls that we use, one function each. */
import type { Answer, CloudflareClient } from "./client.ts";
import {
  type CloudflareConfiguration,
  type CloudflareRecord,
  type CloudflareTunnel,
  type CloudflareZone,
  configurationSchema,
  ignoredSchema,
  recordListSchema,
  recordSchema,
  tokenSchema,
  tunnelListSchema,
  tunnelSchema,
  zoneSchema,
} from "./schema.ts";

export interface IngressRule {
  /** Absent in the last rule, which takes what no other does. */
  hostname?: string;
  /** A regular expression. */
  path?: string;
  /** `http://localhost:3000`, `http_status:404` */
  service: string;
}

export interface RecordContent {
  type: "CNAME";
  name: string;
  content: string;
  proxied: boolean;
  comment: string;
}

export interface Page {
  page: number;
  perPage: number;
}

const pageQuery = ({ page, perPage }: Page) => ({ page: String(page), per_page: String(perPage) });

export type CloudflareApi = ReturnType<typeof createApi>;

export function createApi(
  client: CloudflareClient,
  { accountId, zoneId }: { accountId: string; zoneId: string },
) {
  const tunnels = `/accounts/${accountId}/cfd_tunnel`;
  const records = `/zones/${zoneId}/dns_records`;
  return {
    /** Living ones only. */
    listTunnels(filter: Record<string, string>, page: Page): Promise<Answer<CloudflareTunnel[]>> {
      const query = { is_deleted: "false", ...filter, ...pageQuery(page) };
      return client.call({ method: "GET", path: tunnels, query, schema: tunnelListSchema });
    },
    getTunnel(id: string): Promise<Answer<CloudflareTunnel>> {
      return client.call({ method: "GET", path: `${tunnels}/${id}`, schema: tunnelSchema });
    },
    createTunnel(name: string, secret: string): Promise<Answer<CloudflareTunnel>> {
      const body = { name, config_src: "cloudflare", tunnel_secret: secret };
      return client.call({ method: "POST", path: tunnels, body, schema: tunnelSchema, secrets: [secret] });
    },
    deleteTunnel(id: string): Promise<Answer<unknown>> {
      return client.call({ method: "DELETE", path: `${tunnels}/${id}`, schema: ignoredSchema });
    },
    cleanConnections(id: string): Promise<Answer<unknown>> {
      return client.call({ method: "DELETE", path: `${tunnels}/${id}/connections`, schema: ignoredSchema });
    },
    getToken(id: string): Promise<Answer<string>> {
      return client.call({ method: "GET", path: `${tunnels}/${id}/token`, schema: tokenSchema });
    },
    getConfiguration(id: string): Promise<Answer<CloudflareConfiguration>> {
      return client.call({
        method: "GET",
        path: `${tunnels}/${id}/configurations`,
        schema: configurationSchema,
      });
    },
    putConfiguration(id: string, ingress: readonly IngressRule[]): Promise<Answer<unknown>> {
      const body = { config: { ingress } };
      return client.call({
        method: "PUT",
        path: `${tunnels}/${id}/configurations`,
        body,
        schema: ignoredSchema,
      });
    },
    listRecords(filter: Record<string, string>, page: Page): Promise<Answer<CloudflareRecord[]>> {
      const query = { ...filter, ...pageQuery(page) };
      return client.call({ method: "GET", path: records, query, schema: recordListSchema });
    },
    getRecord(id: string): Promise<Answer<CloudflareRecord>> {
      return client.call({ method: "GET", path: `${records}/${id}`, schema: recordSchema });
    },
    createRecord(content: RecordContent): Promise<Answer<CloudflareRecord>> {
      return client.call({ method: "POST", path: records, body: content, schema: recordSchema });
    },
    patchRecord(id: string, change: Partial<RecordContent>): Promise<Answer<CloudflareRecord>> {
      return client.call({ method: "PATCH", path: `${records}/${id}`, body: change, schema: recordSchema });
    },
    deleteRecord(id: string): Promise<Answer<unknown>> {
      return client.call({ method: "DELETE", path: `${records}/${id}`, schema: ignoredSchema });
    },
    getZone(): Promise<Answer<CloudflareZone>> {
      return client.call({ method: "GET", path: `/zones/${zoneId}`, schema: zoneSchema });
    },
  };
}

/** Every page of a list. */
export async function allPages<T>(load: (page: Page) => Promise<Answer<T[]>>): Promise<Answer<T[]>> {
  const perPage = 100;
  const items: T[] = [];
  for (let page = 1; ; page++) {
    const answer = await load({ page, perPage });
    if (!answer.ok) return answer;
    items.push(...answer.value);
    if (answer.value.length < perPage) return { ok: true, value: items };
  }
}
