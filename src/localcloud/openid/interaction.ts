/** Between the protocol's question and its answer: somebody says who they are. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { readForm } from "./body.ts";
import type { OpenidRecords } from "./records.ts";
import { problemPage, signInPage } from "./sign-in-page.ts";

const HTML = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };

export async function handleInteraction(
  request: IncomingMessage,
  response: ServerResponse,
  provider: Provider | undefined,
  records: OpenidRecords,
): Promise<void> {
  const details = await provider?.interactionDetails(request, response).catch(() => undefined);
  if (!provider || !details) {
    response.writeHead(400, HTML).end(problemPage("Go back to where you came from, and begin again."));
    return;
  }
  if (request.method !== "POST") {
    response.writeHead(200, HTML).end(signInPage(`/interaction/${details.uid}`, records.people));
    return;
  }
  const form = await readForm(request);
  const email = form.get("email")?.trim().toLowerCase() ?? "";
  if (form.has("deny") || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    const error = { error: "access_denied", error_description: "The person did not want to." };
    return provider.interactionFinished(request, response, error);
  }
  const { subject } = records.personOf(email);
  await provider.interactionFinished(request, response, { login: { accountId: subject, remember: false } });
}
