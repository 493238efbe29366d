import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Place } from "../place.ts";

export function requests(at: () => Place): void {
  describe("requests", () => {
    it.each([
      "GET",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "PROPFIND",
      "REPORT",
      "PURGE",
      "MKCOL",
      "LOCK",
    ])("%s arrives as it was sent", async (method) => {
      const body = ["GET", "OPTIONS"].includes(method) ? undefined : "with a body";
      const seen = await at().json("/echo?method", { method, body });
      expect(seen).toMatchObject({ method, url: "/echo?method" });
    });

    it("the path and the query are untouched", async () => {
      for (const path of [
        "/echo?",
        "/echo/x%2Fy/%E2%82%AC?a=%20b&c=d+e&&f=/../g&h=%25#",
        "/echo//a//b?x[]=1|2",
      ]) {
        const url = path.replace(/#$/, "");
        expect((await at().json(url)).url).toBe(url);
      }
    });

    it.each([
      200, 201, 202, 203, 204, 205, 300, 304, 400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 451, 500, 501,
      504,
    ])("the agent's %i is its own", async (status) => {
      const answer = await at().ask("GET", `/status/${status}`);
      expect(answer.status).toBe(status);
      expect(answer.text).toBe([204, 205, 304].includes(status) ? "" : `status ${status}`);
    });

    it.each([502, 503])("and so is its %i while it runs", async (status) => {
      const answer = await at().ask("GET", `/status/${status}`);
      expect([answer.status, answer.text]).toEqual([status, `status ${status}`]);
    });

    it("HEAD has the length and no body", async () => {
      const answer = await at().ask("HEAD", "/bytes/12345");
      expect([answer.status, answer.headers["content-length"], answer.body.length]).toEqual([
        200,
        "12345",
        0,
      ]);
    });

    it("ranges are the agent's: a part, the rest, and what is not there", async () => {
      const part = await at().ask("GET", "/bytes/1000", { headers: { range: "bytes=17-33" } });
      expect([part.status, part.headers["content-range"], part.text]).toEqual([
        206,
        "bytes 17-33/1000",
        "123456789abcdef01",
      ]);
      const rest = await at().ask("GET", "/bytes/1000", { headers: { range: "bytes=995-" } });
      expect([rest.status, rest.headers["content-length"], rest.text]).toEqual([
        206,
        "5",
        "3456 7".replace(" ", ""),
      ]);
      const beyond = await at().ask("GET", "/bytes/1000", { headers: { range: "bytes=5000-" } });
      expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, "bytes */1000"]);
    });

    it.each([301, 302, 303, 307, 308])("a %i is the browser's to follow", async (status) => {
      for (const to of ["/elsewhere?a=b", "relative", "https://example.com/x", `${at().publicOrigin}/own`]) {
        const answer = await at().ask("POST", `/redirect/${status}?to=${encodeURIComponent(to)}`, {
          body: "x",
        });
        expect([answer.status, answer.headers.location]).toEqual([status, to]);
      }
    });

    it("a redirect to where the agent believes to be leads to where people see it", async () => {
      const { headers } = await at().json("/echo");
      const scheme = at().stack.port && headers.host.includes("gentity.localhost") ? "https" : "http";
      const to = `${scheme}://${headers.host}/after?x=1`;
      const answer = await at().ask("GET", `/redirect/302?to=${encodeURIComponent(to)}`);
      expect(answer.headers.location).toBe(`${at().publicOrigin}/after?x=1`);
    });

    it("cookies pass one by one, both ways, and ours do not", async () => {
      const cookie = "sid=abc; __Host-gentity-session=secret; theme=dark";
      const answer = await at().ask("GET", "/cookies", { headers: { cookie } });
      expect(answer.text).toBe("sid=abc; theme=dark");
      expect(answer.headers["set-cookie"]).toEqual([
        "a=1; Path=/; HttpOnly",
        "b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        "c=3",
      ]);
    });

    it("what the agent compressed arrives as it compressed it", async () => {
      const answer = await at().ask("GET", "/gzip", { headers: { "accept-encoding": "gzip" } });
      expect(answer.headers).toMatchObject({
        "content-encoding": "gzip",
        "content-length": String(answer.body.length),
        vary: "Accept-Encoding",
      });
      expect(String(gunzipSync(answer.body))).toContain("compressed once, by the agent");
    });

    it("the agent's headers pass: those that are there twice, empty ones, long ones", async () => {
      const { headers } = await at().ask("GET", "/headers");
      expect(headers).toMatchObject({
        "x-twice": "one, two",
        "x-empty": "",
        "x-long": "x".repeat(8_000),
        "cache-control": "private, max-age=3",
        "content-security-policy": "frame-ancestors 'none'",
      });
    });

    it("many requests share a connection", async () => {
      const socket = await at().raw();
      let text = "";
      socket.on("data", (part) => {
        text += part.toString();
      });
      for (let count = 1; count <= 5; count++) {
        socket.write(`GET /status/20${count % 3} HTTP/1.1\r\nHost: ${at().host}\r\n\r\n`);
        await new Promise<void>((resolve) => {
          const look = () =>
            text.match(/HTTP\/1\.1 20/g)?.length === count ? resolve() : socket.once("data", look);
          look();
        });
      }
      socket.destroy();
    });
  });
}
