/** The identity provider of the local cloud: its protocol, the page where one says who one is, and orders for tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { listen, urlHostOf } from "../listener.ts";
import { sameToken } from "../same-token.ts";
import type { VendorWorld } from "../world.ts";
import { memoryAdapters } from "./adapter.ts";
import { handleControl } from "./control.ts";
import { handleInteraction } from "./interaction.ts";
import { forge, type Order, Orders } from "./orders.ts";
import { newProvider, type OpenidClient } from "./provider.ts";
import { OpenidRecords } from "./records.ts";
import { SIGN_IN_CSS } from "./sign-in-page.ts";

export interface OpenidOptions {
  port?: number | undefined;
  /** Where people may be sent back to. */
  redirectUris: string[];
}

export interface OpenidVendor {
  /** The issuer, for Workers and browsers alike. */
  url: string;
  ports: number[];
  close(): Promise<void>;
}

/** One with the cloud's token as its secret, and one without any. */
export const OPENID_CLIENT = "gentity";
export const OPENID_PUBLIC_CLIENT = "gentity-public";

export async function startOpenid(world: VendorWorld, options: OpenidOptions): Promise<OpenidVendor> {
  const { dir, host, token, log } = world;
  const { redirectUris } = options;
  const records = new OpenidRecords(dir, (error) => log("state.write.failed", { reason: String(error) }));
  const orders = new Orders();
  const adapter = memoryAdapters();
  const clients: OpenidClient[] = [
    { id: OPENID_CLIENT, secret: token, redirectUris },
    { id: OPENID_PUBLIC_CLIENT, redirectUris },
  ];
  let provider: Provider | undefined;
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    const answer = async () => {
      if (path.startsWith("/_control/")) {
        const sent = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
        if (!sameToken(sent, token)) return void response.writeHead(401).end();
        return handleControl(request, response, { records, orders, remake });
      }
      const order = orders.strike(path);
      if (order?.status === 0) return void request.socket.destroy();
      if (order?.status !== undefined) return void response.writeHead(order.status).end();
      if (path === "/sign-in.css")
        return void response.writeHead(200, { "content-type": "text/css" }).end(SIGN_IN_CSS);
      if (path.startsWith("/interaction/")) return handleInteraction(request, response, provider, records);
      return speak(provider, request, response, order, records);
    };
    answer().catch((error: unknown) => {
      log("openid.failed", { reason: String(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const listener = await listen(server, options.port ?? 0, host);
  const url = `http://${urlHostOf(host)}:${listener.port}`;
  function remake(): void {
    provider = newProvider(url, records, clients, adapter);
  }
  remake();
  return {
    url,
    ports: [listener.port],
    async close() {
      await listener.close();
      await records.saved();
    },
  };
}

/** The protocol itself, of which an order may change the token. */
async function speak(
  provider: Provider | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  order: Order | undefined,
  records: OpenidRecords,
): Promise<void> {
  if (!provider) return void response.writeHead(503).end();
  request.headers.cookie = withoutSession(request.headers.cookie);
  if (order) {
    const end = response.end.bind(response);
    // The whole answer is one text, written at its end.
    response.end = ((body?: string | Buffer) => {
      void falsified(String(body ?? ""), order, records).then((text) => {
        response.removeHeader("content-length");
        end(text);
      });
      return response;
    }) as typeof response.end;
  }
  await provider.callback()(request, response);
}

/**
 * Nobody stays signed in here: on a computer where one is several people, each sign-in is the time to say who, in each tab of
 * its own.
 */
function withoutSession(cookies = ""): string {
  const kept = cookies.split(";").filter((pair) => !pair.trim().startsWith("_session"));
  return kept.join(";");
}

async function falsified(body: string, order: Order, records: OpenidRecords): Promise<string> {
  if (!body.includes('"id_token"')) return body;
  const answer = JSON.parse(body) as { id_token: string };
  return JSON.stringify({ ...answer, id_token: await forge(answer.id_token, order, records.keys[0]) });
}
