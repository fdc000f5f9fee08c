import { describe, expect, test } from "@jest/globals";
import { defineReceiver, hmac } from "hookwright";
import { custom } from "hookwright/receivers/custom";
import { dropbox } from "hookwright/receivers/dropbox";
import { deliver, signRequest } from "hookwright/testing";
import { step } from "../support/handlers.ts";
import { harness, secret, signedPush } from "../support/harness.ts";

/** Webhooks whose handler counts its runs. */
function counted(options: Parameters<typeof harness>[0] = {}) {
  let runs = 0;
  const parts = harness({ handlers: [step(() => void runs++)], ...options });
  return { ...parts, runs: () => runs };
}

describe("what a receiver reads", () => {
  test.each([
    ["invalid JSON", { body: "{" }, 400, "malformed_body"],
    ["an empty body", { body: "" }, 400, "malformed_body"],
    ["UTF-16", { body: Buffer.from('{"a":1}', "utf16le") }, 400, "malformed_body"],
    ["bytes that are no UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, "malformed_body"],
    ["a __proto__ key", { body: '{"__proto__":{"isAdmin":true}}' }, 400, "hostile_body"],
    ["a __proto__ key, escaped", { body: '{"\\u005f_proto__":{"isAdmin":true}}' }, 400, "hostile_body"],
    ["a __proto__ key, deep inside", { body: '{"a":[{"b":{"__proto__":{}}}]}' }, 400, "hostile_body"],
    ["constructor.prototype", { body: '{"constructor":{"prototype":{"x":1}}}' }, 400, "hostile_body"],
    ["a hundred thousand nested lists", { body: "[".repeat(100_000) + "]".repeat(100_000) }, 400, "too_complex"],
    ["101 levels", { body: "[".repeat(101) + "]".repeat(101) }, 400, "too_complex"],
    ["10,001 items", { body: `[${"0,".repeat(10_000)}0]` }, 400, "too_complex"],
    ["10,001 form fields", { contentType: "application/x-www-form-urlencoded", body: "a=1&".repeat(10_001) }, 400, "too_complex"],
    ["a __proto__ field", { contentType: "application/x-www-form-urlencoded", body: "__proto__=1" }, 400, "hostile_body"],
    ["a form whose JSON is broken", { contentType: "application/x-www-form-urlencoded", body: "payload=%7B" }, 400, "malformed_body"],
    [
      "a form with two payloads",
      { contentType: "application/x-www-form-urlencoded", body: "payload=%7B%7D&payload=%7B%7D" },
      400,
      "malformed_body",
    ],
    ["plain text", { contentType: "text/plain", body: "x" }, 415, "unsupported_media_type"],
    ["multipart", { contentType: "multipart/form-data; boundary=x", body: "--x--" }, 415, "unsupported_media_type"],
    ["a type that only looks like JSON", { contentType: "application/xyzjson", body: "{}" }, 415, "unsupported_media_type"],
    ["a coding that is unknown", { headers: { "content-encoding": "zstd" } }, 415, "unsupported_encoding"],
    ["two codings", { headers: { "content-encoding": "gzip, gzip" } }, 415, "unsupported_encoding"],
    ["a body that is not compressed, though it says so", { headers: { "content-encoding": "gzip" } }, 400, "malformed_encoding"],
  ])("signed, %s: answered %#", async (_what, request, status, code) => {
    const { push, runs, log } = counted();
    expect((await push(request)).status).toBe(status);
    expect(log.codes).toEqual([code]);
    expect(runs()).toBe(0);
  });

  test.each([
    ["100 levels", { body: "[".repeat(100) + "]".repeat(100) }],
    ["10,000 items", { body: `[${"0,".repeat(9_999)}0]` }],
    ["a byte-order mark", { body: '\uFEFF{"a":1}' }],
    ["a JSON suffix", { contentType: "application/hal+json; charset=utf-8", body: "{}" }],
    ["duplicate keys", { body: '{"a":1,"a":2}' }],
    ["a lone surrogate, escaped", { body: '{"a":"\\ud800"}' }],
  ])("signed, %s: handled", async (_what, request) => {
    const { push, runs } = counted();
    expect((await push(request)).status).toBe(200);
    expect(runs()).toBe(1);
  });

  test("unsigned is answered 401, whatever is wrong with the body", async () => {
    const forged = { secret: "not-a-secret-but-long-enough-0006" };
    for (const body of ["{", '{"__proto__":1}', "[".repeat(1_000)]) {
      expect((await counted().push({ ...forged, body })).status).toBe(401);
    }
    expect((await counted().push({ ...forged, contentType: "text/plain", body: "x" })).status).toBe(401);
    expect((await counted().push({ ...forged, headers: { "content-encoding": "zstd" } })).status).toBe(401);
  });

  test("a signed delivery without an event is answered 400", async () => {
    const { headers, ...rest } = signedPush();
    const { "x-github-event": _event, ...others } = headers;
    const { webhooks, log } = counted();
    expect((await deliver(webhooks, { ...rest, headers: others })).status).toBe(400);
    expect(log.codes).toEqual(["event_missing"]);
  });

  test("no prototype is changed by any of it", async () => {
    await counted().push({ body: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}' });
    expect("polluted" in {}).toBe(false);
  });
});

describe("a receiver of one's own that", () => {
  const definition = {
    name: "mine",
    title: "Mine",
    docs: "https://example.com",
    verify: hmac({ header: "x-signature" }),
    events: { value: "change" },
  };

  function withReceiver(changed: Partial<Parameters<typeof defineReceiver>[0]>) {
    const receiver = defineReceiver({ ...definition, ...changed });
    const parts = counted({ receivers: [receiver], secrets: { mine: secret } });
    return { ...parts, send: () => deliver(parts.webhooks, signRequest(defineReceiver(definition), { secret, body: {} })) };
  }

  test.each([
    [
      "throws",
      () => {
        throw new Error("bug");
      },
    ],
    ["returns undefined", () => undefined],
    ["returns true", () => true],
    ["returns text that says true", () => "true"],
    ["names a secret that does not exist", () => ({ verified: true, secretIndex: 7 })],
    ["names no secret", () => ({ verified: true })],
  ])("%s when it verifies refuses everything", async (_what, verify) => {
    const { send, runs } = withReceiver({ verify: { ...definition.verify, verify: verify as never } });
    expect((await send()).status).toBe(401);
    expect(runs()).toBe(0);
  });

  test("throws when it reads events is answered 500, and nothing runs", async () => {
    const { send, runs } = withReceiver({
      events: () => {
        throw new Error("bug");
      },
    });
    expect((await send()).status).toBe(500);
    expect(runs()).toBe(0);
  });

  test("carries the name of an object's member is found by nobody else", async () => {
    expect(
      (await deliver(counted().webhooks, { ...signedPush(), url: "https://example.test/api/webhooks/incoming/constructor" })).status,
    ).toBe(404);
  });
});

describe("a handshake", () => {
  const get = (name: string, query: string) => ({
    method: "GET",
    url: `https://example.test/api/webhooks/incoming/${name}?${query}`,
    headers: {},
  });

  test("is answered as text that no browser takes for HTML", async () => {
    const { webhooks } = counted({ receivers: [dropbox], secrets: { dropbox: secret } });
    expect(await deliver(webhooks, get("dropbox", "challenge=%3Cscript%3E"))).toEqual({
      status: 200,
      headers: expect.objectContaining({ "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }),
      body: "<script>",
    });
  });

  test.each([
    ["nothing", ""],
    ["two values", "challenge=a&challenge=b"],
    ["a megabyte", `challenge=${"a".repeat(2_000)}`],
  ])("with %s is answered 400", async (_what, query) => {
    const { webhooks } = counted({ receivers: [dropbox], secrets: { dropbox: secret } });
    expect((await deliver(webhooks, get("dropbox", query))).status).toBe(400);
  });

  test("for an id without a secret is answered 404", async () => {
    const { webhooks } = counted({ receivers: [custom], secrets: { custom: secret } });
    expect((await deliver(webhooks, get("custom/other", "echo=x"))).status).toBe(404);
  });

  test("that is signed is answered only after its proof", async () => {
    const { push, runs, webhooks } = counted();
    expect((await push({ event: "ping", secret: "not-a-secret-but-long-enough-0005" })).status).toBe(401);
    expect((await push({ event: "ping" })).status).toBe(200);
    expect([runs(), webhooks.counts().handshakes]).toEqual([0, 1]);
  });
});

describe("an id", () => {
  test.each([
    ["a line break and JSON", '/%0A{"level":"fatal"}'],
    ["an escape sequence", "/%1B[31mred"],
    ["NUL", "/%00"],
    ["ten thousand characters", `/${"x".repeat(10_000)}`],
  ])("with %s asks no source of secrets", async (_what, path) => {
    const asked: string[] = [];
    const { push } = counted({
      secrets: {
        github: (_receiver: string, id: string) => {
          asked.push(id);
          return secret;
        },
      },
    });
    expect((await push({ path })).status).toBe(404);
    expect(asked).toEqual([]);
  });

  test("is in the log shortened and as a field, never in the message", async () => {
    const { push, log } = counted();
    await push({ path: `/canary${"x".repeat(10_000)}` });
    expect(log.lines.map(({ message }) => message).join()).not.toContain("canary");
    expect(JSON.stringify(log.lines).length).toBeLessThan(1_000);
  });
});
