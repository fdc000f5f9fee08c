import { describe, expect, test } from "@jest/globals";
import type Koa from "koa";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";
import { gate, until } from "../support/until.ts";

const path = "/api/webhooks/incoming/github";

/** Middleware that takes the body before the receiver can. */
const parsers: readonly (readonly [string, Koa.Middleware])[] = [
  [
    "reads all of it",
    async (ctx, next) => {
      for await (const _part of ctx.req);
      await next();
    },
  ],
  [
    "has begun to read it",
    async (ctx, next) => {
      await new Promise((resolve) => ctx.req.once("data", resolve));
      ctx.req.pause();
      await next();
    },
  ],
  [
    "has set an encoding and read",
    async (ctx, next) => {
      ctx.req.setEncoding("utf8");
      for await (const _part of ctx.req);
      await next();
    },
  ],
];

describe("a body parser in front that", () => {
  test.each(parsers)("%s is answered 500 at once", async (_what, parser) => {
    const { post } = await startApp({ before: [parser] });
    const answer = await post();
    expect([answer.status, await answer.json()]).toEqual([500, { error: "body_already_read" }]);
  });

  test.each(parsers)("%s is one log line that says how to mount the routes", async (_what, parser) => {
    const { post, log } = await startApp({ before: [parser] });
    await post();
    expect(log.complaints).toEqual([
      expect.objectContaining({
        level: "error",
        fields: expect.objectContaining({ code: "body_already_read", hint: expect.stringContaining("webhooks.routes()") }),
      }),
    ]);
  });

  test("only sets an encoding is answered 500 too", async () => {
    const { post } = await startApp({
      before: [
        async (ctx, next) => {
          ctx.req.setEncoding("utf8");
          await next();
        },
      ],
    });
    expect((await post()).status).toBe(500);
  });

  test("leaves this body alone does no harm", async () => {
    const { post } = await startApp({
      before: [
        async (ctx, next) => {
          if (ctx.is("multipart")) for await (const _part of ctx.req);
          await next();
        },
      ],
    });
    expect((await post()).status).toBe(200);
  });
});

describe("a body that never comes whole", () => {
  test("because the client half-closes: no handler runs, and it is logged", async () => {
    const ran: string[] = [];
    const { server, log, post, app } = await startApp({ webhooks: { handlers: [step(() => void ran.push("ran"))] } });
    app.silent = true;
    const connection = await openConnection(server.port, { allowHalfOpen: true });
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, { ...headers, "content-length": "100" }, body.subarray(0, 10)));
    connection.socket.end();
    await until(() => log.codes.includes("request_aborted"));
    expect(ran).toEqual([]);
    expect((await post()).status).toBe(200);
  });

  test("because the client resets the connection: no handler runs", async () => {
    const ran: string[] = [];
    const { server, log, app } = await startApp({
      webhooks: { handlers: [step(() => void ran.push("ran"))] },
      before: [
        async (_ctx, next) => {
          arrived = true;
          await next();
        },
      ],
    });
    let arrived = false;
    app.silent = true;
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { "content-length": "100" }, "0123456789"));
    await until(() => arrived);
    connection.socket.resetAndDestroy();
    await until(() => log.codes.includes("request_aborted"));
    expect(ran).toEqual([]);
  });
});

describe("a client that resets the connection", () => {
  test("after the whole request does not stop the handler, nor the next request", async () => {
    const hold = gate();
    const progress: string[] = [];
    const { server, post, app } = await startApp({
      webhooks: {
        handlers: [
          step(async () => {
            progress.push("began");
            await hold.opened;
            progress.push("ended");
          }),
        ],
      },
    });
    app.silent = true;
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, headers, body));
    await until(() => progress.length === 1);
    connection.socket.resetAndDestroy();
    hold.open();
    await until(() => progress.length === 2);
    expect((await post()).status).toBe(200);
  });
});

describe("an empty body", () => {
  test("that is signed is answered as the receiver reads it, and crashes nothing", async () => {
    const { post } = await startApp();
    expect((await post({ body: "" })).status).toBe(400);
    expect((await post()).status).toBe(200);
  });
});
