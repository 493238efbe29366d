/** What the edge does to traffic: nothing. The same cases through a proxy like Fly's and through a tunnel, on the real stack. */
import { afterAll, beforeAll, describe } from "vitest";
import { Stack } from "../e2e/stack.ts";
import { bodies } from "./cases/bodies.ts";
import { identity, neighbours } from "./cases/identity.ts";
import { requests } from "./cases/requests.ts";
import { sockets } from "./cases/sockets.ts";
import { streams } from "./cases/streams.ts";
import { type Kind, Place, publishProbe } from "./place.ts";

let stack: Stack;
const places = {} as Record<Kind, Place>;

beforeAll(async () => {
  stack = await Stack.start();
  await publishProbe(stack);
  [places.fly, places.tunnel] = await Promise.all([Place.make(stack, "fly"), Place.make(stack, "tunnel")]);
});
afterAll(() => stack?.close());

describe.each(["fly", "tunnel"] as const)("the edge, in front of a machine reached by %s", (kind) => {
  const at = () => places[kind];
  requests(at);
  bodies(at);
  streams(at);
  sockets(at);
  identity(at);
  neighbours(at, () => places[kind === "fly" ? "tunnel" : "fly"]);
});
