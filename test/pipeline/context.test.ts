import { describe, expect, test } from "@jest/globals";
import type { WebhookHandlerContext } from "hookwright";
import { genericJson } from "hookwright/receivers/generic-json";
import { controllableClock, deliver, type SignRequestOptions, signRequest } from "hookwright/testing";
import { step } from "../support/handlers.ts";
import { harness, secret, signedPush } from "../support/harness.ts";

async function contextOf(request: Partial<SignRequestOptions> & { readonly path?: string } = {}): Promise<WebhookHandlerContext> {
  let seen: WebhookHandlerContext | undefined;
  const { push } = harness({
    clock: controllableClock(new Date("2026-02-03T04:05:06Z")),
    handlers: [step((context) => void (seen = context))],
    secrets: { github: { default: secret, acme: secret } },
  });
  const answer = await push(request);
  if (!seen) throw new Error(`No handler ran: ${answer.status}`);
  return seen;
}

describe("the context", () => {
  test("tells receiver, id, events, delivery id, method and time of receipt", async () => {
    expect(await contextOf({ path: "/ACME", event: "issues", body: { action: "opened" }, deliveryId: "d-1" })).toMatchObject({
      receiver: "github",
      id: "acme",
      events: ["issues", "issues.opened"],
      deliveryId: "d-1",
      method: "POST",
      receivedAt: new Date("2026-02-03T04:05:06Z"),
      secretIndex: 0,
      bodyBound: true,
      hasUnsafeIntegers: false,
    });
  });

  test("has the exact bytes of the body", async () => {
    const body = '{ "a":1.0,\n"ü":"\\u0041" }\n';
    expect((await contextOf({ body })).rawBody.equals(Buffer.from(body))).toBe(true);
  });

  test("has the headers in lower case", async () => {
    expect((await contextOf({ headers: { "X-Thing": "Value" } })).headers).toMatchObject({ "x-thing": "Value", "x-github-event": "push" });
  });

  test("has the query, repeated parameters as a list", async () => {
    const url = "https://example.test/api/webhooks/incoming/github?a=1&b=2&b=3&__proto__=x";
    const { query } = await contextOf({ url });
    expect({ ...query }).toEqual({ a: "1", b: ["2", "3"] });
  });

  test("is without a token that is itself the secret, in header and query", async () => {
    let seen: WebhookHandlerContext | undefined;
    const { webhooks } = harness({
      receivers: [genericJson],
      secrets: { "generic-json": secret },
      handlers: [step((context) => void (seen = context))],
    });
    const url = "https://example.test/api/webhooks/incoming/generic-json";
    await deliver(webhooks, signRequest(genericJson, { secret, url, body: {} }));
    expect(JSON.stringify(seen?.headers)).not.toContain(secret);
    await deliver(webhooks, {
      method: "POST",
      url: `${url}?code=${secret}&x=1`,
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect({ ...seen?.query }).toEqual({ x: "1" });
  });

  test("says that a token does not bind the body", async () => {
    let bodyBound: boolean | undefined;
    const { webhooks } = harness({
      receivers: [genericJson],
      secrets: { "generic-json": secret },
      handlers: [step((context) => void (bodyBound = context.bodyBound))],
    });
    await deliver(webhooks, signRequest(genericJson, { secret, body: {} }));
    expect(bodyBound).toBe(false);
  });

  test("has no delivery id where the provider sent none", async () => {
    const { headers, ...rest } = signedPush();
    const { "x-github-delivery": _id, ...others } = headers;
    let seen: WebhookHandlerContext | undefined;
    const { webhooks } = harness({ handlers: [step((context) => void (seen = context))] });
    await deliver(webhooks, { ...rest, headers: others });
    expect(seen).toMatchObject({ receiver: "github", deliveryId: undefined });
  });

  test("flags a whole number past 2^53 and keeps its digits in the bytes", async () => {
    const context = await contextOf({ body: '{"id":9007199254740993}' });
    expect(context.hasUnsafeIntegers).toBe(true);
    expect(context.rawBody.toString()).toContain("9007199254740993");
  });
});

describe("getDataOrDefault()", () => {
  test.each([
    ["an object", '{"a":1}', { a: 1 }],
    ["a list", "[1,2,3]", [1, 2, 3]],
    ["text", '"data"', "data"],
    ["a number", "1234.5678", 1234.5678],
    ["false", "false", false],
    ["zero", "0", 0],
  ])("gives %s", async (_what, body, expected) => {
    expect((await contextOf({ body })).getDataOrDefault<unknown>("default")).toEqual(expected);
  });

  test.each([
    ["null", "null"],
    ["empty text", '""'],
  ])("gives the default for %s", async (_what, body) => {
    expect((await contextOf({ body })).getDataOrDefault("default")).toBe("default");
  });

  test("without a default gives undefined", async () => {
    expect((await contextOf({ body: "null" })).getDataOrDefault()).toBeUndefined();
  });
});

describe("data with the names of object members", () => {
  test("keys named then, toJSON, toString, length and hasOwnProperty are plain data", async () => {
    const data = { then: 1, toJSON: "x", toString: "y", length: -1, hasOwnProperty: null };
    expect((await contextOf({ body: JSON.stringify(data) })).data).toEqual(data);
  });

  test("a handler may return such data without its being taken for a promise", async () => {
    const { push } = harness({ handlers: [step(async (context) => context.data as undefined)] });
    expect((await push({ body: '{"then":"never"}' })).status).toBe(200);
  });
});
