import { describe, expect, test } from "@jest/globals";
import type { GuardedClient, GuardedRequest } from "../../src/sender/guarded-client.ts";
import { createRemoteFetch, defaultRemoteFetch } from "../../src/sender/remote-fetch.ts";
import { localClient, outcomeOf, serveHttp } from "./servers.ts";

describe("createRemoteFetch()", () => {
  test("brings headers and body of a 200", async () => {
    const server = await serveHttp((request, response) => response.writeHead(200, { "x-method": request.method }).end("keys"));
    const fetch = createRemoteFetch(localClient(server));
    const { headers, body } = await fetch({ url: `http://127.0.0.1:${server.port}/`, method: "POST", body: "x" });
    expect([headers["x-method"], body.toString()]).toEqual(["POST", "keys"]);
  });

  test.each([201, 204, 206, 301, 302, 304, 404, 500])("rejects an answer with the status %i", async (status) => {
    const server = await serveHttp((_request, response) => response.writeHead(status, { location: "/elsewhere" }).end());
    const fetch = createRemoteFetch(localClient(server));
    await expect(fetch({ url: `http://127.0.0.1:${server.port}/keys?canary` })).rejects.toMatchObject({
      code: "request_failed",
      message: expect.not.stringContaining("canary"),
    });
  });

  test("takes 64 KiB and 3 seconds, whatever the client's own limits are", async () => {
    const asked: GuardedRequest[] = [];
    const client: GuardedClient = {
      request: async (request) => {
        asked.push(request);
        return { status: 200, headers: {}, body: Buffer.alloc(0) };
      },
    };
    await createRemoteFetch(client)({ url: "https://keys.example.com/", headers: { accept: "application/json" } });
    expect(asked).toEqual([
      { url: "https://keys.example.com/", headers: { accept: "application/json" }, maxBytes: 65_536, timeoutMs: 3_000 },
    ]);
  });

  test("goes through the guard", async () => {
    const server = await serveHttp((_request, response) => response.end());
    const fetch = createRemoteFetch(localClient(server, { allow: [] }));
    expect(await outcomeOf(fetch({ url: `http://127.0.0.1:${server.port}/` }).then(() => ({ status: 200 })))).toBe("request_blocked");
    expect(server.connections).toBe(0);
  });
});

describe("defaultRemoteFetch()", () => {
  test.each(["https://127.0.0.1/", "https://169.254.169.254/", "http://hooks.example.com/", "https://hooks.example.com:3000/"])(
    "does not fetch %s",
    async (url) => {
      await expect(defaultRemoteFetch()({ url })).rejects.toMatchObject({ code: "request_blocked" });
    },
  );
});
