import { describe, expect, test } from "@jest/globals";
import { deliver } from "hookwright/testing";
import type Koa from "koa";
import { startApp } from "../support/app.ts";
import { harness, signedPush } from "../support/harness.ts";

/** Stands in for a client on another machine. */
const fromElsewhere =
  (address: string): Koa.Middleware =>
  async (ctx, next) => {
    Object.defineProperty(ctx.req.socket, "remoteAddress", { configurable: true, value: address });
    await next();
  };

describe("plain HTTP", () => {
  test("from this machine is taken", async () => {
    expect((await (await startApp()).post()).status).toBe(200);
  });

  test.each(["127.0.0.2", "::1", "::ffff:127.0.0.1"])("from %s is taken", async (address) => {
    expect((await (await startApp({ before: [fromElsewhere(address)] })).post()).status).toBe(200);
  });

  test.each(["203.0.113.9", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "128.0.0.1", ""])("from %s is answered 400", async (address) => {
    const answer = await (await startApp({ before: [fromElsewhere(address)] })).post();
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: "https_required" })]);
  });

  test("is taken from anywhere with `allowHttp`", async () => {
    expect((await (await startApp({ webhooks: { allowHttp: true }, before: [fromElsewhere("203.0.113.9")] })).post()).status).toBe(200);
  });

  test("may be allowed or refused for one receiver", async () => {
    const before = [fromElsewhere("203.0.113.9")];
    expect((await (await startApp({ webhooks: { settings: { github: { allowHttp: true } } }, before })).post()).status).toBe(200);
    expect(
      (await (await startApp({ webhooks: { allowHttp: true, settings: { github: { allowHttp: false } } }, before })).post()).status,
    ).toBe(400);
  });

  test("is refused before a secret is looked up", async () => {
    const asked: string[] = [];
    const { webhooks } = harness({
      secrets: {
        github: () => {
          asked.push("asked");
          return undefined;
        },
      },
    });
    expect((await deliver(webhooks, signedPush(), { secure: false })).status).toBe(400);
    expect(asked).toEqual([]);
  });
});

describe("what a proxy says", () => {
  test.each([
    ["https", { "x-forwarded-proto": "https" }, 200],
    ["https at the first of two proxies", { "x-forwarded-proto": "https, http" }, 200],
    ["http", { "x-forwarded-proto": "http" }, 400],
    ["rubbish", { "x-forwarded-proto": "httpsx" }, 400],
    ["only for whom it speaks", { "x-forwarded-for": "203.0.113.9" }, 400],
    ["nothing, on this machine", {}, 200],
  ])("counts with Koa's proxy setting: %s", async (_what, headers, status) => {
    expect((await (await startApp({ koa: { proxy: true } })).post({ headers })).status).toBe(status);
  });

  test("does not count without that setting", async () => {
    const answer = await (await startApp({ before: [fromElsewhere("203.0.113.9")] })).post({ headers: { "x-forwarded-proto": "https" } });
    expect(answer.status).toBe(400);
  });
});
