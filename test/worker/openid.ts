import { env, worker } from "./harness.ts";

/** The real provider of the local cloud, and a browser that goes between it and the dashboard; no JavaScript in either. */

const ISSUER = env.OIDC_ISSUER ?? "";
export const SITE = "http://localhost";

export async function orderProvider(method: string, what: string, body?: unknown): Promise<any> {
  const answer = await fetch(`${ISSUER}/_control/${what}`, {
    method,
    headers: { Authorization: "Bearer local" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  }
  return answer.json();
}

/** Nobody else's: tests run side by side. */
export const newEmail = (domain = "people.test") => `${crypto.randomUUID().slice(0, 13)}@${domain}`;

export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  private readonly site: (request: Request) => Promise<Response>;

  /** @param site the deployment; absent: as the others have it. */
  constructor(site: (request: Request) => Promise<Response> = (request) => worker.fetch(request)) {
    this.site = site;
  }

  cookies(origin = SITE): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }

  /** One request; redirects are not followed. */
  async ask(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, SITE);
    const jar = this.cookies(url.origin);
    const headers = new Headers(init.headers);
    headers.set("Accept", headers.get("Accept") ?? "text/html");
    headers.set("Cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const request = new Request(url.href, { ...init, headers, redirect: "manual" });
    const answer = await (url.origin === SITE ? this.site(request) : fetch(request));
    for (const line of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const isGone = attributes.some((text) => /^ *(max-age=0|expires=thu, 01 jan 1970.*)$/i.test(text));
      if (isGone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** To the provider and back, as `email`; the answer is not handed in yet. @returns the callback's address */
  async answerOf(email: string, next = "/dashboard/nothing-here"): Promise<string> {
    const begun = await this.ask(`/sign-in/start?next=${encodeURIComponent(next)}`);
    const question = await this.ask(locationOf(begun));
    const asked = await this.ask(new URL(locationOf(question), ISSUER).href, {
      method: "POST",
      body: new URLSearchParams({ email }),
    });
    return locationOf(await this.ask(new URL(locationOf(asked), ISSUER).href));
  }

  async signIn(email: string, next?: string): Promise<Response> {
    return this.ask(await this.answerOf(email, next));
  }

  /** Sends the first form of a page whose action is this, with its hidden fields. */
  async submit(page: string, action: string, fields: Record<string, string> = {}): Promise<Response> {
    const html = await (await this.ask(page)).text();
    const form = html.split("<form").find((part) => part.includes(`action="${action}"`));
    const token = /name="formToken" value="([^"]+)"/.exec(form ?? "")?.[1];
    if (token === undefined) {
      throw new Error(`${page} has no form for ${action}`);
    }
    return this.ask(action, {
      method: "POST",
      headers: { Origin: SITE },
      body: new URLSearchParams({ formToken: token, ...fields }),
    });
  }
}

export function locationOf(answer: Response): string {
  const location = answer.headers.get("location");
  if (answer.status !== 303 || location === null) {
    throw new Error(`expected a redirect, got ${answer.status}`);
  }
  return location;
}

export async function titleOf(answer: Response): Promise<string | undefined> {
  return /<h1[^>]*>(.*?)<\/h1>/.exec(await answer.text())?.[1]?.replaceAll("&#39;", "'");
}
