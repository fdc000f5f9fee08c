import { describe, expect, test } from "@jest/globals";
import Router from "@koa/router";
import { json } from "hookwright";
import { genericJson } from "hookwright/receivers/generic-json";
import { github } from "hookwright/receivers/github";
import { mailchimp } from "hookwright/receivers/mailchimp";
import type Koa from "koa";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { secret, signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";

const seenIds: string[] = [];
const noteId = step((context) => void seenIds.push(context.id));

function send(url: string, options: Parameters<typeof signedPush>[0] = {}, method = "POST") {
  const { headers, body } = signedPush(options);
  return fetch(url, { method, headers, ...(method === "GET" || method === "HEAD" ? {} : { body: new Uint8Array(body) }) });
}

describe("a webhook's URL", () => {
  test("stands below /api/webhooks/incoming by default", async () => {
    const { base } = await startApp();
    expect((await send(`${base}/api/webhooks/incoming/github`)).status).toBe(200);
  });

  test("stands below any other prefix", async () => {
    const { base } = await startApp({ webhooks: { prefix: "/hooks/v1" } });
    expect((await send(`${base}/hooks/v1/github`)).status).toBe(200);
  });

  test("stands below the prefix of routes(), which may be called more than once", async () => {
    const { base } = await startApp({ prefixes: ["/other"] });
    expect((await send(`${base}/other/github`)).status).toBe(200);
    expect((await send(`${base}/api/webhooks/incoming/github`)).status).toBe(200);
  });

  test.each(["GITHUB", "GitHub", "github/", "GitHub/DEFAULT", "github/default/"])("may be written %s", async (path) => {
    const { base } = await startApp();
    expect((await send(`${base}/api/WEBHOOKS/incoming/${path}`)).status).toBe(200);
  });

  test.each(["stripe", "__proto__", "constructor", "github%00", "%E0%A4%A", "github.", "..%2fgithub", "%2e%2e"])(
    "with the receiver %s is answered 404",
    async (name) => {
      const { server } = await startApp();
      const connection = await openConnection(server.port);
      connection.write(rawRequest(`/api/webhooks/incoming/${name}`, {}, "{}"));
      expect((await connection.answer()).status).toBe(404);
    },
  );

  test.each(["other", "%E0%A4%A", "a%2fb", "%00", "%2e%2e", "x".repeat(5_000)])("with the id %s is answered 404", async (id) => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(`/api/webhooks/incoming/github/${id}`, {}, "{}"));
    expect((await connection.answer()).status).toBe(404);
  });

  test("with more segments is answered 404", async () => {
    const { base } = await startApp();
    expect((await send(`${base}/api/webhooks/incoming/github/a/b`)).status).toBe(404);
  });

  test("with two slashes in front is answered 404", async () => {
    const { base } = await startApp();
    expect((await send(`${base}//api/webhooks/incoming/github`)).status).toBe(404);
  });

  test("gives its id to handlers decoded", async () => {
    const { base } = await startApp({ webhooks: { secrets: { github: { "a b/ü": secret } }, handlers: [noteId] } });
    expect((await send(`${base}/api/webhooks/incoming/github/A%20b%2F%C3%9C`)).status).toBe(200);
    expect(seenIds).toEqual(["a b/ü"]);
  });

  test("in the request line may be absolute; its host is ignored", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest("http://evil.example/api/webhooks/incoming/github", headers, body));
    expect((await connection.answer()).status).toBe(200);
  });

  test.each(["a@evil", "[::1", "evil.example:99999", "a\tb,c", `${"h".repeat(10_000)}`])(
    "is found whatever the Host says: %#",
    async (host) => {
      const { server } = await startApp();
      const connection = await openConnection(server.port);
      const { headers, body } = signedPush();
      const start = performance.now();
      connection.write(rawRequest("/api/webhooks/incoming/github", { host, ...headers }, body));
      expect((await connection.answer()).status).toBe(200);
      expect(performance.now() - start).toBeLessThan(5_000);
    },
  );
});

describe("other middleware", () => {
  const hello: Koa.Middleware = (ctx) => {
    ctx.body = "hello";
  };

  test("behind the routes gets what is not below the prefix", async () => {
    const { base } = await startApp({ after: [hello] });
    expect(await (await fetch(`${base}/other`)).text()).toBe("hello");
  });

  test("behind the routes does not get what is answered", async () => {
    const ran: string[] = [];
    const { post } = await startApp({ after: [() => void ran.push("after")] });
    await post();
    expect(ran).toEqual([]);
  });

  test("may be another router, in front or behind", async () => {
    const router = new Router().get("/books/:id", (ctx) => {
      ctx.body = ctx.params["id"];
    });
    for (const place of ["before", "after"] as const) {
      const { base, post } = await startApp({
        [place]: [router.routes() as unknown as Koa.Middleware, router.allowedMethods() as unknown as Koa.Middleware],
      });
      expect(await (await fetch(`${base}/books/7`)).text()).toBe("7");
      expect((await post()).status).toBe(200);
    }
  });

  test("in front sees the answer", async () => {
    const seen: number[] = [];
    const { post } = await startApp({
      before: [
        async (ctx, next) => {
          await next();
          seen.push(ctx.status);
        },
      ],
    });
    await post();
    expect(seen).toEqual([200]);
  });

  test("in front that throws is Koa's affair", async () => {
    const { post, app } = await startApp({
      before: [
        () => {
          throw new Error("x");
        },
      ],
    });
    app.silent = true;
    expect((await post()).status).toBe(500);
  });
});

describe("a method", () => {
  test.each(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])("%s is answered 405 with those that are taken", async (method) => {
    const { url } = await startApp();
    const answer = await send(url, {}, method);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test.each(["HEAD", "TRACE"])("%s is answered 405", async (method) => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest("/api/webhooks/incoming/github", { connection: "close" }, "", method));
    await connection.closed();
    expect(connection.received).toMatch(/^HTTP\/1.1 405 /);
  });

  test("is checked before any secret is looked up", async () => {
    const asked: string[] = [];
    const { url } = await startApp({
      webhooks: {
        secrets: {
          github: () => {
            asked.push("asked");
            return secret;
          },
        },
      },
    });
    await send(url, {}, "PUT");
    expect(asked).toEqual([]);
  });

  test("of a handshake is among those that are taken", async () => {
    const { base } = await startApp({ webhooks: { receivers: [mailchimp], secrets: { mailchimp: secret } } });
    const answer = await fetch(`${base}/api/webhooks/incoming/mailchimp`, { method: "PUT" });
    expect(answer.headers.get("allow")).toBe("POST, GET");
  });

  test("CONNECT closes the connection", async () => {
    const { server, post } = await startApp();
    const connection = await openConnection(server.port);
    connection.write("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    await connection.closed();
    expect((await post()).status).toBe(200);
  });

  test.each(["h2c", "websocket"])("with an Upgrade to %s is handled as if there were none", async (upgrade) => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest("/api/webhooks/incoming/github", { ...headers, connection: "Upgrade", upgrade }, body));
    expect((await connection.answer()).status).toBe(200);
  });
});

describe("an answer", () => {
  test("of a handler goes out with status, headers and body", async () => {
    const { post } = await startApp({
      webhooks: { handlers: [step((context) => void (context.response = json({ ok: true }, { status: 202, headers: { "x-a": "b" } })))] },
    });
    const answer = await post();
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("x-a"), await answer.text()]).toEqual([
      202,
      "application/json; charset=utf-8",
      "b",
      '{"ok":true}',
    ]);
  });

  test("with text and no type is plain text, even where it looks like HTML", async () => {
    const { post } = await startApp({
      webhooks: { handlers: [step((context) => void (context.response = { status: 200, body: "<b>x</b>" }))] },
    });
    expect((await post()).headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });

  test("with bytes keeps them", async () => {
    const { post } = await startApp({
      webhooks: {
        handlers: [
          step(
            (context) =>
              void (context.response = { status: 200, headers: { "content-type": "image/png" }, body: new Uint8Array([0, 255, 128]) }),
          ),
        ],
      },
    });
    expect([...new Uint8Array(await (await post()).arrayBuffer())]).toEqual([0, 255, 128]);
  });

  test("without a body has no type", async () => {
    const { post } = await startApp({ webhooks: { handlers: [step((context) => void (context.response = { status: 410 }))] } });
    const answer = await post();
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("content-length"), await answer.text()]).toEqual([
      410,
      null,
      "0",
      "",
    ]);
  });

  test.each([204, 304])("with status %i has no body", async (status) => {
    const { post } = await startApp({ webhooks: { handlers: [step((context) => void (context.response = { status, body: "ignored" }))] } });
    const answer = await post();
    expect([answer.status, await answer.text()]).toEqual([status, ""]);
  });

  test("lets no browser guess the type of an error", async () => {
    const { base } = await startApp();
    const answer = await send(`${base}/api/webhooks/incoming/stripe`);
    expect([answer.headers.get("content-type"), answer.headers.get("x-content-type-options")]).toEqual([
      "application/json; charset=utf-8",
      "nosniff",
    ]);
  });

  test("names its error's code in JSON", async () => {
    const { base } = await startApp();
    expect(await (await send(`${base}/api/webhooks/incoming/stripe`)).json()).toEqual({ error: "unknown_receiver" });
  });
});

test("receivers of several providers stand side by side", async () => {
  const { base, post } = await startApp({
    webhooks: { receivers: [github, genericJson], secrets: { github: secret, "generic-json": secret } },
  });
  const generic = await fetch(`${base}/api/webhooks/incoming/generic-json?code=${secret}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect([generic.status, (await post()).status]).toEqual([200, 200]);
});
