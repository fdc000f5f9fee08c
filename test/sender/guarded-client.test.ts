import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "@jest/globals";
import { createGuardedClient, type GuardedClientOptions } from "../../src/sender/guarded-client.ts";
import { gate, until } from "../support/until.ts";
import { localClient, outcomeOf, serveHttp, serveRaw } from "./servers.ts";

describe("a request", () => {
  test("carries method, path, query, headers and body, and brings back status, headers and body", async () => {
    const seen: unknown[] = [];
    const server = await serveHttp(async (request, response) => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: await text(request) });
      response.writeHead(201, { "X-Answer": "yes", "set-cookie": ["a=1", "b=2"] }).end("grüezi");
    });
    const url = `http://127.0.0.1:${server.port}/a/b?c=d#e`;
    const answer = await localClient(server).request({ url, method: "POST", headers: { "Content-Type": "text/plain" }, body: "hällo" });
    expect(answer).toMatchObject({ status: 201, headers: { "x-answer": "yes", "set-cookie": "a=1, b=2" }, body: Buffer.from("grüezi") });
    expect(seen).toEqual([
      {
        method: "POST",
        url: "/a/b?c=d",
        headers: {
          host: `127.0.0.1:${server.port}`,
          connection: "close",
          "content-type": "text/plain",
          "content-length": "6",
          "user-agent": "Hookwright",
          "accept-encoding": "identity",
        },
        body: "hällo",
      },
    ]);
  });

  test.each([200, 204, 299, 304, 404, 418, 500, 599])("takes the status %i for an answer", async (status) => {
    const server = await serveHttp((_request, response) => response.writeHead(status).end());
    expect(await outcomeOf(localClient(server).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe(status);
  });

  test.each([301, 302, 303, 307, 308])("does not follow a redirect (%i)", async (status) => {
    const elsewhere = await serveHttp((_request, response) => response.end("secret"));
    const location = `http://127.0.0.1:${elsewhere.port}/`;
    const server = await serveHttp((_request, response) => response.writeHead(status, { location }).end());
    const answer = await localClient(server, { ports: [server.port, elsewhere.port] }).request({ url: `http://127.0.0.1:${server.port}/` });
    expect(answer).toMatchObject({ status, headers: { location } });
    expect(elsewhere.connections).toBe(0);
  });

  test("leaves no connection open for the next", async () => {
    const server = await serveHttp((_request, response) => response.end("x"));
    const client = localClient(server);
    for (const _time of [1, 2]) await client.request({ url: `http://127.0.0.1:${server.port}/` });
    expect(server.connections).toBe(2);
  });

  test("that is answered before all of its body has been sent has that answer", async () => {
    const server = await serveHttp((_request, response) => response.writeHead(500, { connection: "close" }).end("no"));
    const answer = localClient(server).request({ url: `http://127.0.0.1:${server.port}/`, method: "POST", body: Buffer.alloc(8_000_000) });
    expect(await outcomeOf(answer)).toBe(500);
  });

  test("does not undo the answer's encoding", async () => {
    const server = await serveHttp((_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip"));
    const { body } = await localClient(server).request({ url: `http://127.0.0.1:${server.port}/` });
    expect(body.toString()).toBe("not gzip");
  });
});

describe("an address that is not public", () => {
  test.each([
    "127.0.0.1",
    "0x7f.1",
    "2130706433",
    "127.1",
    "0177.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "１２７.0.0.1",
    "127。0。0。1",
    "0.0.0.0",
    "[::]",
    "[::1]",
  ])("is not connected to where the URL says %s", async (host) => {
    const server = await serveHttp((_request, response) => response.end("secret"));
    const client = localClient(server, { allow: [] });
    expect(await outcomeOf(client.request({ url: `http://${host}:${server.port}/` }))).toBe("request_blocked");
    expect(server.connections).toBe(0);
  });

  test.each([
    ["alone", ["10.0.0.1"]],
    ["before public ones", ["127.0.0.2", "93.184.216.34"]],
    ["after public ones", ["93.184.216.34", "2606:4700::1111", "::ffff:127.0.0.1"]],
    ["beside an allowed one", ["127.0.0.1", "127.0.0.2"]],
    ["in a notation of its own", ["127.1"]],
    ["as a name", ["localhost"]],
  ])("is not connected to where a name has it %s", async (_where, addresses) => {
    const server = await serveHttp((_request, response) => response.end("secret"));
    const client = localClient(server, { resolve: async () => addresses });
    expect(await outcomeOf(client.request({ url: `http://hooks.example.com:${server.port}/` }))).toBe("request_blocked");
    expect(server.connections).toBe(0);
  });

  test("is not put to the resolver, which might say otherwise", async () => {
    const server = await serveHttp((_request, response) => response.end("secret"));
    const client = localClient(server, { allow: [], resolve: async () => ["93.184.216.34"] });
    expect(await outcomeOf(client.request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_blocked");
    expect(server.connections).toBe(0);
  });

  test("is not resolved where the name is one of private networks", async () => {
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return ["93.184.216.34"];
    };
    const client = createGuardedClient({ resolve });
    expect(await outcomeOf(client.request({ url: "https://metadata.google.internal/" }))).toBe("request_blocked");
    expect(asked).toEqual([]);
  });

  test("is not reached by a name that changes its meaning after the check", async () => {
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    const server = await serveHttp((_request, response) => response.end("honest"));
    const inside = await serveHttp((_request, response) => response.end("secret"), "127.0.0.2", server.port);
    const client = localClient(server, { resolve: async () => answers.shift() ?? [] });
    const url = `http://hooks.example.com:${server.port}/`;
    expect((await client.request({ url })).body.toString()).toBe("honest");
    expect(answers).toHaveLength(1);
    expect(await outcomeOf(client.request({ url }))).toBe("request_blocked");
    expect(inside.connections).toBe(0);
  });
});

describe("a name", () => {
  test("is sent as the host, without its final dot, and resolved once", async () => {
    const asked: string[] = [];
    const server = await serveHttp((request, response) => response.end(request.headers.host));
    const resolve = async (host: string) => {
      asked.push(host);
      return ["127.0.0.1"];
    };
    const { body } = await localClient(server, { resolve }).request({ url: `http://Hooks.Example.com.:${server.port}/` });
    expect([body.toString(), asked]).toEqual([`hooks.example.com:${server.port}`, ["hooks.example.com"]]);
  });

  test("with several addresses is reached at the one that answers", async () => {
    const server = await serveHttp((_request, response) => response.end("x"));
    const client = localClient(server, { allow: ["127.0.0.1/32", "127.0.0.9/32"], resolve: async () => ["127.0.0.9", "127.0.0.1"] });
    expect(await outcomeOf(client.request({ url: `http://hooks.example.com:${server.port}/` }))).toBe(200);
  });

  test.each([
    ["that has no address", async () => [], "request_failed"],
    ["that cannot be resolved", () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" })), "request_failed"],
    ["with 33 addresses", async () => Array.from({ length: 33 }, (_, index) => `93.184.216.${index}`), "request_blocked"],
    ["whose resolution hangs", () => new Promise<never>(() => {}), "request_failed"],
  ])("%s is not connected to", async (_what, resolve: () => Promise<string[]>, code) => {
    const client = createGuardedClient({ resolve, connectTimeoutMs: 30 });
    expect(await outcomeOf(client.request({ url: "https://hooks.example.com/" }))).toBe(code);
  });
});

describe("the time of a request", () => {
  const slow = { timeoutMs: 100 } satisfies GuardedClientOptions;

  test("ends where the answer does not begin", async () => {
    const server = await serveRaw(() => {});
    expect(await outcomeOf(localClient(server, slow).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
  });

  test("ends where headers drip", async () => {
    const server = await serveRaw((socket) => drip(socket, "HTTP/1.1 200 OK\r\n", "x-a: b\r\n"));
    expect(await outcomeOf(localClient(server, slow).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
  });

  test("ends where informational answers follow each other", async () => {
    const server = await serveRaw((socket) => drip(socket, "", "HTTP/1.1 103 Early Hints\r\n\r\n"));
    expect(await outcomeOf(localClient(server, slow).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
  });

  test("ends where the body drips", async () => {
    const server = await serveRaw((socket) => drip(socket, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", "x"));
    expect(await outcomeOf(localClient(server, slow).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
  });

  test("may be set for one request", async () => {
    const server = await serveRaw(() => {});
    const request = localClient(server).request({ url: `http://127.0.0.1:${server.port}/`, timeoutMs: 50 });
    await expect(request).rejects.toMatchObject({ code: "request_failed", message: expect.stringContaining("50 ms") });
  });

  test("is no longer that of connecting once there is a connection", async () => {
    const { opened, open } = gate();
    const server = await serveHttp(async (_request, response) => {
      await opened;
      response.end("late");
    });
    const request = localClient(server, { connectTimeoutMs: 500 }).request({ url: `http://127.0.0.1:${server.port}/` });
    const start = performance.now();
    await until(() => performance.now() - start > 600);
    open();
    expect(await outcomeOf(request)).toBe(200);
  });
});

describe("an answer", () => {
  test.each([
    ["with its length", "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world"],
    ["in chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"],
    ["up to the end of the connection", "HTTP/1.1 200 OK\r\n\r\nhello world"],
  ])("longer than `maxBytes` is refused, %s", async (_how, text) => {
    const server = await serveRaw((socket) => socket.end(text));
    const client = localClient(server, { maxBytes: 10 });
    const url = `http://127.0.0.1:${server.port}/`;
    expect(await outcomeOf(client.request({ url }))).toBe("request_failed");
    expect(await outcomeOf(client.request({ url, maxBytes: 11 }))).toBe(200);
  });

  test("of 64 KiB and a byte is refused by default, and its sender cut off", async () => {
    let isClosed = false;
    const server = await serveHttp((_request, response) => {
      response.on("close", () => {
        isClosed = true;
      });
      response.write(Buffer.alloc(64 * 1024 + 1));
    });
    expect(await outcomeOf(localClient(server).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
    await until(() => isClosed);
  });

  test.each([
    ["nothing", ""],
    ["no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["HTTP/0.9", "hello"],
    ["half a header", "HTTP/1.1 200 OK\r\nx-a: "],
    ["half a body", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello"],
    ["half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe"],
    ["a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!"],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"],
    ["headers of 20 kB", `HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(20_000)}\r\n\r\n`],
  ])("that is %s is a failure", async (_what, text) => {
    const server = await serveRaw((socket) => socket.end(text));
    expect(await outcomeOf(localClient(server).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
  });

  test("that is cut off by a reset is a failure", async () => {
    const server = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello", () => socket.resetAndDestroy());
    });
    expect(await outcomeOf(localClient(server).request({ url: `http://127.0.0.1:${server.port}/` }))).toBe("request_failed");
  });

  test("with hostile header names is read", async () => {
    const server = await serveRaw((socket) => socket.end("HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\n\r\n"));
    const { headers } = await localClient(server).request({ url: `http://127.0.0.1:${server.port}/` });
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(headers["constructor"]).toBe("b");
  });

  test("from a port at which nobody listens is a failure with its cause", async () => {
    const server = await serveHttp((_request, response) => response.end());
    const client = localClient(server, { allow: ["127.0.0.1/32", "127.0.0.9/32"], resolve: async () => ["127.0.0.9", "127.0.0.9"] });
    for (const host of ["127.0.0.9", "hooks.example.com"])
      await expect(client.request({ url: `http://${host}:${server.port}/` })).rejects.toMatchObject({
        code: "request_failed",
        cause: { code: "ECONNREFUSED", message: expect.stringContaining("ECONNREFUSED") },
      });
  });
});

describe("a caller's signal", () => {
  const reason = new Error("enough");

  test("that is aborted already lets no request out", async () => {
    const server = await serveRaw(() => {});
    const request = localClient(server).request({ url: `http://127.0.0.1:${server.port}/`, signal: AbortSignal.abort(reason) });
    await expect(request).rejects.toBe(reason);
    expect(server.connections).toBe(0);
  });

  test("ends a request whose answer is awaited", async () => {
    const controller = new AbortController();
    const server = await serveRaw(() => controller.abort(reason));
    const request = localClient(server).request({ url: `http://127.0.0.1:${server.port}/`, signal: controller.signal });
    await expect(request).rejects.toBe(reason);
  });

  test("ends a request whose name is being resolved", async () => {
    const { opened, open } = gate();
    const controller = new AbortController();
    const resolve = () => {
      open();
      return new Promise<never>(() => {});
    };
    const request = createGuardedClient({ resolve }).request({ url: "https://hooks.example.com/", signal: controller.signal });
    await opened;
    controller.abort(reason);
    await expect(request).rejects.toBe(reason);
  });

  test("ends a request in the middle of the answer, and its connection", async () => {
    let isClosed = false;
    const controller = new AbortController();
    const server = await serveHttp((_request, response) => {
      response.on("close", () => {
        isClosed = true;
      });
      response.writeHead(200).write("beginning", () => controller.abort(reason));
    });
    const request = localClient(server).request({ url: `http://127.0.0.1:${server.port}/`, signal: controller.signal });
    await expect(request).rejects.toBe(reason);
    await until(() => isClosed);
  });
});

describe("what goes out", () => {
  test.each(["host", "connection", "transfer-encoding", "content-length"])("does not if a caller sets %s", async (name) => {
    const server = await serveHttp((_request, response) => response.end());
    const request = localClient(server).request({ url: `http://127.0.0.1:${server.port}/`, headers: { [name]: "1" } });
    expect(await outcomeOf(request)).toBe("request_blocked");
    expect(server.connections).toBe(0);
  });

  test("is told of a failure without query and user", async () => {
    const server = await serveRaw((socket) => socket.destroy());
    const request = localClient(server).request({ url: `http://127.0.0.1:${server.port}/path?canary#canary` });
    await expect(request).rejects.toMatchObject({ message: expect.stringContaining(`http://127.0.0.1:${server.port}/path `) });
    await expect(request).rejects.toMatchObject({ message: expect.not.stringContaining("canary") });
  });
});

describe("createGuardedClient()", () => {
  test.each([
    [{ allow: ["10.1.2.3/24"] }, ["allow[0]"]],
    [{ allow: ["10.0.0.0/8", "10.0.0.1"] }, ["allow[1]"]],
    [{ allow: "10.0.0.0/8" }, ["allow"]],
    [{ ports: [0, 443, 65_536, "80"] }, ["ports[0]", "ports[2]", "ports[3]"]],
    [{ allowHttp: "false" }, ["allowHttp"]],
    [{ timeoutMs: 0, connectTimeoutMs: 2 ** 31, maxBytes: -1 }, ["connectTimeoutMs", "timeoutMs", "maxBytes"]],
  ])("refuses %j", (options, paths) => {
    const lines = paths.map((path) => `\n  - ${path.replaceAll(/[[\]]/g, "\\$&")}: .+`).join("");
    expect(() => createGuardedClient(options as GuardedClientOptions)).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringMatching(new RegExp(`wrong:${lines}$`)) }),
    );
  });

  test.each([80, 443, 8443])("allows port %i with http", async (port) => {
    const client = createGuardedClient({ allowHttp: true, resolve: async () => [] });
    expect(await outcomeOf(client.request({ url: `http://hooks.example.com:${port}/` }))).toBe("request_failed");
  });

  test("allows no other port than 443 and 8443 by default", async () => {
    const client = createGuardedClient({ resolve: async () => [] });
    const outcomes = [443, 8443, 80, 22].map((port) => outcomeOf(client.request({ url: `https://hooks.example.com:${port}/` })));
    expect(await Promise.all(outcomes)).toEqual(["request_failed", "request_failed", "request_blocked", "request_blocked"]);
  });
});

function drip(socket: Socket, beginning: string, drop: string): void {
  socket.write(beginning);
  const timer = setInterval(() => socket.write(drop), 5);
  socket.on("close", () => clearInterval(timer));
}
