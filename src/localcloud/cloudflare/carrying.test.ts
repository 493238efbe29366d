/** What the tunnel carries: a real connector process, with a real service behind it. */
import { createHash, randomBytes } from "node:crypto";
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from "node:http";
import { afterAll, beforeAll, describe, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { eventually } from "../testing/harness.ts";
import {
  type Connector,
  connected,
  end,
  newTunnel,
  type Service,
  startConnector,
  startService,
  type TestTunnel,
} from "./testing/connector.ts";
import { TestCloudflare } from "./testing/vendor.ts";

let cloudflare: TestCloudflare;
let connector: Connector;
let service: Service;
let tunnel: TestTunnel;

const seen = { cancelled: 0, tornUploads: 0, written: 0, blocked: false, finished: false };
const sha = (data: Buffer) => createHash("sha256").update(data).digest("hex");
const FILE = randomBytes(5_000_000);
const FLOOD_BYTES = 64 * 1024 * 1024;

beforeAll(async () => {
  cloudflare = await TestCloudflare.start();
  service = await startService(serve);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 10_000_000 });
  service.server.on("upgrade", (incoming, socket, head) => {
    if (incoming.url === "/refuse") {
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nx-why: token\r\n\r\nno");
      return;
    }
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => {
      if (incoming.url === "/greet") webSocket.send(`${incoming.headers.host} ${incoming.headers.origin}`);
      if (incoming.url === "/die") socket.destroy();
      webSocket.on("message", (data, isBinary) => {
        if (String(data) === "bye") webSocket.close(4321, "because");
        else webSocket.send(data, { binary: isBinary });
      });
      webSocket.on("close", (code) => {
        seen.cancelled += incoming.url === "/left" && code === 1006 ? 1 : 0;
      });
    });
  });
  tunnel = await newTunnel(cloudflare, `http://localhost:${service.port}`);
  connector = startConnector({ TUNNEL_TOKEN: tunnel.token, TUNNEL_EDGE: cloudflare.vendor.tunnelEdge });
  await connected(cloudflare, tunnel.id);
});
afterAll(async () => {
  await end(connector, "SIGKILL");
  await service.close();
  await cloudflare.close();
});

async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(incoming.url ?? "/", "http://service");
  const handler = HANDLERS[pathname];
  if (handler) await handler(incoming, response);
  else response.writeHead(404).end();
}

const HANDLERS: Record<string, (incoming: IncomingMessage, response: ServerResponse) => unknown> = {
  "/echo": (incoming, response) => {
    const { method, url, headers } = incoming;
    response.setHeader("set-cookie", ["a=1; Path=/", "b=2; HttpOnly"]);
    response.end(JSON.stringify({ method, url, headers }));
  },
  "/hash": async (incoming, response) => {
    const hash = createHash("sha256");
    let size = 0;
    for await (const part of incoming) {
      hash.update(part);
      size += part.length;
    }
    response.end(JSON.stringify({ hash: hash.digest("hex"), size, trailers: incoming.trailers }));
  },
  "/back": (incoming, response) => incoming.pipe(response),
  "/file": (incoming, response) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(incoming.headers.range ?? "") ?? [];
    const isRange = from !== undefined && to !== undefined;
    const part = isRange ? FILE.subarray(Number(from), Number(to) + 1) : FILE;
    response.writeHead(isRange ? 206 : 200, {
      "accept-ranges": "bytes",
      ...(isRange ? { "content-range": `bytes ${from}-${to}/${FILE.length}` } : {}),
      "content-length": part.length,
    });
    response.end(incoming.method === "HEAD" ? undefined : part);
  },
  "/moved": (_, response) => response.writeHead(302, { location: "/echo?x=1" }).end(),
  "/moved/whole": (_, response) =>
    response.writeHead(307, { location: `https://${tunnel.host}/echo?x=1` }).end(),
  "/empty": (_, response) => response.writeHead(204).end(),
  "/trailers": (_, response) => {
    response.writeHead(200, { trailer: "x-checksum" });
    response.write("body");
    response.addTrailers({ "x-checksum": "abc" });
    response.end();
  },
  "/hints": (_, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end("hinted");
  },
  "/events": (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const timer = setInterval(() => response.write("data: tick\n\n"), 20);
    response.on("close", () => {
      clearInterval(timer);
      seen.cancelled += 1;
    });
  },
  "/silent": (_, response) => {
    response.on("close", () => {
      seen.cancelled += 1;
    });
  },
  "/sink": (incoming) => {
    incoming.resume();
    incoming.on("close", () => {
      seen.tornUploads += incoming.complete ? 0 : 1;
    });
  },
  "/torn": (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("only this", () => response.socket?.destroy());
  },
  "/torn/chunked": (_, response) => {
    response.write("only this", () => response.socket?.destroy());
  },
  "/named": (incoming) => {
    const name = 'content-disposition: attachment; filename="ü.bin"';
    incoming.socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${name}\r\n\r\nok`);
  },
  "/odd": (incoming) => {
    incoming.socket.end("HTTP/1.1 999 Odd\r\ncontent-length: 2\r\n\r\nno");
  },
  "/hints/odd": (_, response) => {
    response.writeProcessing();
    response.socket?.write("HTTP/1.1 103 Early Hints\r\nlink: nonsense\r\n\r\n");
    response.end("hinted");
  },
  "/early": (_, response) =>
    response.writeHead(413, { connection: "close" }).end("too large ".repeat(100_000)),
  "/flood": (_, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (seen.written < FLOOD_BYTES) {
        seen.written += chunk.length;
        if (!response.write(chunk)) {
          seen.blocked = true;
          response.once("drain", more);
          return;
        }
      }
      seen.finished = true;
      response.end();
    };
    more();
  },
};

interface Got {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
  trailers: NodeJS.Dict<string>;
}

function open(path: string, options: RequestOptions = {}): ClientRequest {
  return request(`${cloudflare.vendor.tunnelUrl}/${tunnel.host}${path}`, options);
}

/** Rejects when the answer breaks off. */
function finish(outgoing: ClientRequest): Promise<Got> {
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", async (answer) => {
      try {
        const parts: Buffer[] = [];
        for await (const part of answer) parts.push(part as Buffer);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts),
          trailers: answer.trailers,
        });
      } catch (error) {
        reject(error);
      }
    });
  });
}

async function get(path: string, options: RequestOptions & { body?: string | Buffer } = {}): Promise<Got> {
  const outgoing = open(path, options);
  const got = finish(outgoing);
  outgoing.end(options.body);
  return got;
}
const json = (got: Got) => JSON.parse(got.body.toString());

describe("a request", () => {
  it("arrives with method, path, query, and the public host name", async ({ expect }) => {
    const headers = {
      "x-forwarded-host": "cl-x.example.org",
      "x-forwarded-proto": "https",
      "x-forwarded-for": "203.0.113.9",
      cookie: "a=1; b=2",
      origin: `${cloudflare.vendor.tunnelUrl}/${tunnel.host}`,
      "cf-cloudflared-switched": "1",
      te: "trailers",
    };
    const got = await get("/echo?q=%C3%BC&q=2", { method: "PROPFIND", headers });
    const echoed = json(got);
    expect(echoed).toMatchObject({
      method: "PROPFIND",
      url: "/echo?q=%C3%BC&q=2",
      headers: {
        host: tunnel.host,
        "x-forwarded-host": "cl-x.example.org",
        "x-forwarded-proto": "https",
        "x-forwarded-for": "203.0.113.9",
        cookie: "a=1; b=2",
        origin: `https://${tunnel.host}`,
      },
    });
    expect(echoed.headers).not.toHaveProperty("cf-cloudflared-switched");
    expect(got.headers["set-cookie"]).toEqual(["a=1; Path=/", "b=2; HttpOnly"]);
  });

  it("has no body when it has none, and an empty one when it is empty", async ({ expect }) => {
    expect(json(await get("/echo")).headers).not.toHaveProperty("transfer-encoding");
    const empty = await get("/echo", { method: "POST", headers: { "content-length": 0 } });
    expect(json(empty).headers["content-length"]).toBe("0");
  });

  it("carries a large body whole, of known length and chunked, with its trailers", async ({ expect }) => {
    const known = await get("/hash", {
      method: "PUT",
      body: FILE,
      headers: { "content-length": FILE.length },
    });
    expect(json(known)).toMatchObject({ hash: sha(FILE), size: FILE.length });
    const outgoing = open("/hash", { method: "POST", headers: { trailer: "x-sum" } });
    const got = finish(outgoing);
    for (let at = 0; at < FILE.length; at += 100_000) outgoing.write(FILE.subarray(at, at + 100_000));
    outgoing.addTrailers({ "x-sum": "42" });
    outgoing.end();
    expect(json(await got)).toEqual({ hash: sha(FILE), size: FILE.length, trailers: { "x-sum": "42" } });
  });

  it("streams both ways at once", async ({ expect }) => {
    const outgoing = open("/back", { method: "POST" });
    outgoing.flushHeaders();
    outgoing.write("one");
    const answer = await new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve));
    const next = () => new Promise((resolve) => answer.once("data", (part) => resolve(String(part))));
    expect(await next()).toBe("one");
    const second = next();
    outgoing.write("two");
    expect(await second).toBe("two");
    outgoing.end();
    await new Promise((resolve) => answer.once("end", resolve));
  });

  it("of which the client lets go in the middle of its body is torn at the service too", async ({
    expect,
  }) => {
    const before = seen.tornUploads;
    const outgoing = open("/sink", { method: "POST" });
    outgoing.on("error", () => {});
    outgoing.write("x".repeat(100_000), () => setTimeout(() => outgoing.destroy(), 50));
    await eventually(() => seen.tornUploads > before);
    expect(seen.tornUploads).toBe(before + 1);
  });
});

describe("an answer", () => {
  it("keeps status, ranges, HEAD, 204 and redirects", async ({ expect }) => {
    const whole = await get("/file");
    expect([whole.status, sha(whole.body)]).toEqual([200, sha(FILE)]);
    const part = await get("/file", { headers: { range: "bytes=1000-1999" } });
    expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes 1000-1999/${FILE.length}`]);
    expect(sha(part.body)).toBe(sha(FILE.subarray(1000, 2000)));
    const head = await get("/file", { method: "HEAD" });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "5000000", 0]);
    expect((await get("/empty")).status).toBe(204);
    const moved = await get("/moved");
    expect([moved.status, moved.headers.location]).toEqual([302, "/echo?x=1"]);
    const here = `${cloudflare.vendor.tunnelUrl}/${tunnel.host}`;
    expect((await get("/moved/whole")).headers.location).toBe(`${here}/echo?x=1`);
    expect((await get("/nothing")).status).toBe(404);
  });

  it("keeps the bytes of a file's name, whatever its headers' order", async ({ expect }) => {
    const { headers } = await get("/named");
    expect(Buffer.from(String(headers["content-disposition"]), "latin1").toString()).toContain('"ü.bin"');
  });

  it("brings its trailers and early hints", async ({ expect }) => {
    expect((await get("/trailers")).trailers).toEqual({ "x-checksum": "abc" });
    const outgoing = open("/hints");
    const hints = new Promise((resolve) => outgoing.once("information", resolve));
    const got = finish(outgoing);
    outgoing.end();
    expect(await hints).toMatchObject({ statusCode: 103, headers: { link: "</style.css>; rel=preload" } });
    expect((await got).body.toString()).toBe("hinted");
  });

  it("is handed on as it comes, and the service is told when the client leaves", async ({ expect }) => {
    for (const path of ["/events", "/silent"]) {
      const before = seen.cancelled;
      const outgoing = open(path);
      outgoing.on("error", () => {});
      outgoing.end();
      if (path === "/events") {
        const answer = await new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve));
        const ticks: string[] = [];
        await new Promise<void>((resolve) =>
          answer.on("data", (part) => {
            ticks.push(String(part));
            if (ticks.length === 3) resolve();
          }),
        );
        expect(ticks).toEqual(["data: tick\n\n", "data: tick\n\n", "data: tick\n\n"]);
      } else {
        await new Promise((resolve) => outgoing.once("finish", resolve));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      outgoing.destroy();
      await eventually(() => seen.cancelled > before);
    }
  });

  it.for(["/torn", "/torn/chunked"])(
    "that breaks off at the service breaks off here (%s)",
    async (path, { expect }) => {
      await expect(get(path)).rejects.toThrow();
    },
  );

  it("that is odd harms nobody else", async ({ expect }) => {
    expect((await get("/odd")).status).toBe(502);
    expect((await get("/hints/odd")).body.toString()).toBe("hinted");
    expect((await get("/empty")).status).toBe(204);
  });

  it("that comes before the body was sent ends the upload", async ({ expect }) => {
    const outgoing = open("/early", { method: "POST" });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve);
      outgoing.once("error", reject);
    });
    outgoing.write("x".repeat(10_000));
    const answer = await answered;
    let text = "";
    for await (const part of answer) text += part;
    expect([answer.statusCode, text]).toEqual([413, "too large ".repeat(100_000)]);
    outgoing.on("error", () => {});
    outgoing.destroy();
  });

  it("waits for a client that does not read, and keeps little of it meanwhile", async ({ expect }) => {
    const outgoing = open("/flood");
    outgoing.end();
    const answer = await new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve));
    await eventually(() => seen.blocked || seen.finished);
    let [before, still] = [-1, 0];
    await eventually(() => {
      still = seen.written === before ? still + 1 : 0;
      before = seen.written;
      return still > 20;
    });
    expect(seen.finished).toBe(false);
    expect(seen.written).toBeLessThan(24 * 1024 * 1024);
    let size = 0;
    for await (const part of answer) size += part.length;
    expect(size).toBe(FLOOD_BYTES);
  });

  it("is the right one for each of 100 requests at once", async ({ expect }) => {
    const bodies = Array.from({ length: 100 }, (_, index) => randomBytes(10_000 + index * 100));
    const answers = await Promise.all(bodies.map((body) => get("/hash", { method: "POST", body })));
    expect(answers.map((got) => json(got).hash)).toEqual(bodies.map(sha));
  });
});

describe("a WebSocket", () => {
  const dial = (path: string) =>
    new WebSocket(`${cloudflare.vendor.tunnelUrl.replace("http", "ws")}/${tunnel.host}${path}`, {
      origin: `${cloudflare.vendor.tunnelUrl}/${tunnel.host}`,
    });
  const opened = async (path: string) => {
    const socket = dial(path);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return socket;
  };
  const message = (socket: WebSocket) =>
    new Promise<[Buffer, boolean]>((resolve) =>
      socket.once("message", (data, isBinary) => resolve([data as Buffer, isBinary])),
    );

  it("carries text, bytes and a megabyte, pings, and the code it closes with", async ({ expect }) => {
    const socket = await opened("/echo");
    let answer = message(socket);
    socket.send("text");
    expect((await answer).map(String)).toEqual(["text", "false"]);
    const big = randomBytes(1_048_576);
    answer = message(socket);
    socket.send(big);
    const [bytes, isBinary] = await answer;
    expect([sha(bytes), isBinary]).toEqual([sha(big), true]);
    const pong = new Promise((resolve) => socket.once("pong", (data) => resolve(String(data))));
    socket.ping("are you there");
    expect(await pong).toBe("are you there");
    const closed = new Promise((resolve) =>
      socket.once("close", (code, reason) => resolve([code, String(reason)])),
    );
    socket.send("bye");
    expect(await closed).toEqual([4321, "because"]);
  });

  it("may be spoken to before it has spoken, and sees the same host as any request", async ({ expect }) => {
    const socket = dial("/greet");
    expect(String((await message(socket))[0])).toBe(`${tunnel.host} https://${tunnel.host}`);
    socket.close();
  });

  it("that is refused brings the refusal", async ({ expect }) => {
    const socket = dial("/refuse");
    const refused = await new Promise<IncomingMessage>((resolve) =>
      socket.once("unexpected-response", (_, answer) => resolve(answer)),
    );
    let text = "";
    for await (const part of refused) text += part;
    expect([refused.statusCode, refused.headers["x-why"], text]).toEqual([401, "token", "no"]);
  });

  it("breaks off on both sides when one of them does", async ({ expect }) => {
    const dying = dial("/die");
    dying.on("error", () => {});
    expect(await new Promise((resolve) => dying.once("close", resolve))).toBe(1006);
    const before = seen.cancelled;
    (await opened("/left")).terminate();
    await eventually(() => seen.cancelled > before);
    expect(seen.cancelled).toBe(before + 1);
  });
});
