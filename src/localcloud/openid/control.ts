/** Nothing of the protocol: how a test, or a curious person, changes people and keys and makes things go wrong. */
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { readJson } from "./body.ts";
import { type Orders, orderSchema } from "./orders.ts";
import type { OpenidRecords } from "./records.ts";

const personSchema = z.strictObject({
  email: z.string(),
  /** What becomes of whoever has this email. */
  to: z
    .strictObject({
      email: z.string().optional(),
      isVerified: z.boolean().optional(),
      name: z.string().optional(),
    })
    .default({}),
});
const rotationSchema = z.strictObject({ former: z.enum(["keep", "drop"]).default("keep") });

interface Controlled {
  records: OpenidRecords;
  orders: Orders;
  /** After the keys have changed. */
  remake(): void;
}

export async function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  { records, orders, remake }: Controlled,
): Promise<void> {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const what = `${request.method} ${request.url?.slice("/_control/".length)}`;
  try {
    switch (what) {
      case "POST orders":
        orders.add(orderSchema.parse(await readJson(request)));
        answer(201, {});
        return;
      case "DELETE orders":
        orders.clear();
        answer(200, {});
        return;
      case "POST keys": {
        records.rotate(rotationSchema.parse(await readJson(request)).former);
        remake();
        answer(201, { kid: records.keys[0]?.kid });
        return;
      }
      case "POST people": {
        const { email, to } = personSchema.parse(await readJson(request));
        const person = records.personOf(email);
        records.change(person, to);
        answer(200, person);
        return;
      }
      default:
        answer(404, { error: `there is no ${what}` });
    }
  } catch (error) {
    answer(400, { error: String(error) });
  }
}
