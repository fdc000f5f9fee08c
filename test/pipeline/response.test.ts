import { describe, expect, test } from "@jest/globals";
import { gone, json, status, text, type WebhookHandlerContext, type WebhookResponse } from "hookwright";
import { step } from "../support/handlers.ts";
import { harness } from "../support/harness.ts";

function answering(response: unknown) {
  return harness({ handlers: [step((context: WebhookHandlerContext) => void (context.response = response as WebhookResponse))] });
}

describe("helpers", () => {
  test("gone() is an empty 410", () => {
    expect(gone()).toEqual({ status: 410 });
  });

  test("status() takes headers", () => {
    expect(status(429, { "retry-after": "60" })).toEqual({ status: 429, headers: { "retry-after": "60" } });
  });

  test("json() is JSON that no browser sniffs", () => {
    expect(json({ a: 1 })).toEqual({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" },
      body: '{"a":1}',
    });
  });

  test("text() is plain text with a status", () => {
    expect(text("hi", { status: 202 })).toMatchObject({
      status: 202,
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: "hi",
    });
  });

  test("headers given to a helper replace its own", () => {
    expect(text("<x/>", { headers: { "content-type": "text/xml" } }).headers).toMatchObject({ "content-type": "text/xml" });
  });
});

describe("a response that can be sent", () => {
  test.each([
    ["gone()", gone(), 410],
    ["json()", json({ ok: true }), 200],
    ["text()", text("ok"), 200],
    ["status()", status(299), 299],
    ["bytes", { status: 200, body: new Uint8Array([1, 2]) }, 200],
    ["headers and no body", { status: 204, headers: { "x-a": "b" } }, 204],
  ])("%s", async (_what, response, expected) => {
    expect((await answering(response).push()).status).toBe(expected);
  });
});

describe("a response that cannot be sent is answered 500", () => {
  const throwing = Object.defineProperty({ status: 200 }, "headers", {
    enumerable: true,
    get: () => {
      throw new Error("getter");
    },
  });
  test.each([
    ["a status below 200", { status: 101 }],
    ["a status above 599", { status: 600 }],
    ["a status as text", { status: "200" }],
    ["no status", { body: "ok" }],
    ["a helper that was not called", gone],
    ["a string", "ok"],
    ["a value as body", { status: 200, body: { ok: true } }],
    ["a line break in a header", { status: 200, headers: { "x-a": "b\r\nset-cookie: c" } }],
    ["a blank in a header's name", { status: 200, headers: { "x a": "b" } }],
    ["a header that is a list", { status: 200, headers: { "x-a": ["b"] } }],
    ["headers that are text", { status: 200, headers: "x" }],
    ["a header of the framing", { status: 200, headers: { "Transfer-Encoding": "chunked" }, body: "x" }],
    ["a length of the handler's own", { status: 200, headers: { "content-length": "1" }, body: "longer" }],
    ["headers that throw", throwing],
  ])("%s", async (_what, response) => {
    expect(await answering(response).push()).toMatchObject({ status: 500, body: '{"error":"handler_failed"}' });
  });

  test("it is one log line that names the handler", async () => {
    const { push, log } = answering({ status: 99 });
    await push({ deliveryId: "d-1" });
    expect(log.complaints.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ code: "handler_failed", handler: "step", deliveryId: "d-1" }),
    ]);
  });
});
