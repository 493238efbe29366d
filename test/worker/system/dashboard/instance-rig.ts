import { expect } from "vitest";
import { AIDER, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

/** What must be in no page: whoever asks for the address gets that alone. */
export const SECRETS = {
  ...AIDER,
  apiKey: "sk-the-model-key",
  env: { OWN_NAME: "own-secret-value" },
};

export interface Made {
  id: string;
  subdomain: string;
  url: string;
}

/** An account, a person of it in front of the dashboard, and what they do there. */
export interface Desk {
  tenant: Tenant;
  visitor: Visitor;
  make: (fields?: Record<string, unknown>) => Promise<Made>;
  /** A page's text; fails where there is none. */
  page: (path: string, status?: number) => Promise<string>;
  /** Sends a form below the instance's page; @returns where it led. */
  send: (id: string, form: string, fields?: Record<string, string>) => Promise<string>;
  /** Sends one that is refused; @returns the page that says so. */
  refused: (id: string, form: string, fields: Record<string, string>, status: number) => Promise<string>;
  get: (id: string) => Promise<any>;
  until: (id: string, status: string) => Promise<any>;
}

export async function newDesk(): Promise<Desk> {
  const tenant = await newTenant();
  const visitor = await newVisitor(tenant.accountId);
  const get = async (id: string) => (await tenant.call("GET", `/api/instances/${id}`)).body.instance;
  return {
    tenant,
    visitor,
    get,
    async make(fields = {}) {
      const { status, body } = await tenant.call("POST", "/api/instances?wait=60", { ...SECRETS, ...fields });
      expect(status).toBe(201);
      expect(body.status).toBe("running");
      return body;
    },
    async page(path, status = 200) {
      const answer = await visitor.get(path);
      const text = await answer.text();
      expect(answer.status, text).toBe(status);
      return text;
    },
    async send(id, form, fields) {
      const answer = await visitor.post(`/dashboard/instances/${id}/${form}`, fields);
      expect(answer.status, await answer.text()).toBe(303);
      return answer.headers.get("location") ?? "";
    },
    async refused(id, form, fields, status) {
      const answer = await visitor.post(`/dashboard/instances/${id}/${form}`, fields);
      const text = await answer.text();
      expect(answer.status, text).toBe(status);
      return text;
    },
    async until(id, status) {
      for (let tries = 0; tries < 200; tries++) {
        const instance = await get(id);
        if (instance?.status === status) {
          return instance;
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(`${id} never was ${status}`);
    },
  };
}

/** The forms that a page offers, by what they lead to. */
export function formsOf(text: string, id: string): string[] {
  const found = text.matchAll(new RegExp(`action="/dashboard/instances/${id}/([a-z-]+)"`, "g"));
  return [...new Set([...found].map(([, form = ""]) => form))];
}
