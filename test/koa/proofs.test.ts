import { describe, expect, test } from "@jest/globals";
import { slack } from "hookwright/receivers/slack";
import { standardWebhooks } from "hookwright/receivers/standard-webhooks";
import { stripe } from "hookwright/receivers/stripe";
import { twilio } from "hookwright/receivers/twilio";
import { signRequest } from "hookwright/testing";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { secret, signedPush } from "../support/harness.ts";
import { openConnection, type RawAnswer, rawRequest } from "../support/raw-connection.ts";

const path = "/api/webhooks/incoming/github";
const { headers: good, body } = signedPush();
const signature = good["x-hub-signature-256"] ?? "";
const { "x-hub-signature-256": _signature, ...unsigned } = good;

/** Headers and body of requests whose proof fails, each in another way. */
const forged: readonly (readonly [string, Record<string, string | readonly string[]>, Uint8Array?])[] = [
  ["no signature", unsigned],
  ["an empty signature", { ...unsigned, "x-hub-signature-256": "" }],
  ["a signature by another secret", signedPush({ secret: "not-a-secret-but-long-enough-0004" }).headers],
  ["a signature of another body", good, Buffer.from("{}")],
  ["a body with a line break added", good, Buffer.concat([body, Buffer.from("\n")])],
  ["a body with a byte-order mark added", good, Buffer.concat([Buffer.from("\uFEFF"), body])],
  ["the signature twice", { ...unsigned, "x-hub-signature-256": [signature, signature] }],
  ["another signature beside it", { ...unsigned, "X-Hub-Signature-256": ["sha256=00", signature] }],
  ["both in one line", { ...unsigned, "x-hub-signature-256": `${signature}, ${signature}` }],
  ["no prefix", { ...unsigned, "x-hub-signature-256": signature.slice(7) }],
  ["the prefix of another hash", { ...unsigned, "x-hub-signature-256": signature.replace("sha256", "sha1") }],
  ["the prefix in capitals", { ...unsigned, "x-hub-signature-256": signature.replace("sha256", "SHA256") }],
  ["the prefix twice", { ...unsigned, "x-hub-signature-256": `sha256=${signature}` }],
  ["rubbish", { ...unsigned, "x-hub-signature-256": "sha256=zz" }],
  ["64 kB of hexadecimal digits less", { ...unsigned, "x-hub-signature-256": `sha256=${"0".repeat(8_000)}` }],
  ["a malformed body that is not signed", unsigned, Buffer.from("{")],
];

describe("every failed proof", () => {
  test.each(forged)("(%s) is answered 401", async (_what, headers, changed = body) => {
    const { server, webhooks } = await startApp({ webhooks: { handlers: [step(() => {})] } });
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, headers, changed));
    expect((await connection.answer()).status).toBe(401);
    expect(webhooks.counts()).toMatchObject({ rejected: 1, handled: 0 });
  });

  test("is answered with the same bytes and headers", async () => {
    const { server } = await startApp();
    const answers: RawAnswer[] = [];
    for (const [, headers, changed = body] of forged) {
      const connection = await openConnection(server.port);
      connection.write(rawRequest(path, headers, changed));
      answers.push(await connection.answer());
    }
    const told = new Set(
      answers.map(({ status, headers: { date: _date, ...headers }, body: text }) => JSON.stringify([status, headers, text])),
    );
    expect([...told]).toEqual([expect.stringContaining('{\\"error\\":\\"unauthorized\\"}')]);
  });

  test("is one warning with a code and a hint", async () => {
    const { post, log } = await startApp();
    await post({ secret: "not-a-secret-but-long-enough-0004" });
    expect(log.complaints).toEqual([
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({ code: "signature_mismatch", hint: expect.any(String), receiver: "github" }),
      }),
    ]);
  });

  test("keeps the connection", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, unsigned, body));
    await connection.answer();
    connection.write(rawRequest(path, good, body));
    expect((await connection.answers(2)).map(({ status }) => status)).toEqual([401, 200]);
  });
});

test("a signature that stands only in the trailers is none", async () => {
  const { server } = await startApp();
  const connection = await openConnection(server.port);
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\nX-Hub-Signature-256: ${signature}\r\n\r\n`;
  connection.write(rawRequest(path, { ...unsigned, "transfer-encoding": "chunked", trailer: "X-Hub-Signature-256" }, chunked));
  expect((await connection.answer()).status).toBe(401);
});

test("a signature in another case and order of headers is the same", async () => {
  const { server } = await startApp();
  const connection = await openConnection(server.port);
  const shouted = Object.fromEntries(
    Object.entries(good)
      .reverse()
      .map(([name, value]) => [name.toUpperCase(), value]),
  );
  connection.write(rawRequest(path, shouted, body));
  expect((await connection.answer()).status).toBe(200);
});

test("a body signed for one provider is refused by another that has the same secret", async () => {
  const shared = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
  const { base } = await startApp({
    webhooks: { receivers: [stripe, standardWebhooks], secrets: { stripe: shared, "standard-webhooks": shared } },
  });
  const signed = signRequest(stripe, { secret: shared, event: "invoice.paid", body: {} });
  const answer = await fetch(`${base}/api/webhooks/incoming/standard-webhooks`, {
    method: "POST",
    headers: signed.headers,
    body: new Uint8Array(signed.body),
  });
  expect(answer.status).toBe(401);
});

test.each([
  [-301, 401],
  [-299, 200],
  [59, 200],
  [62, 401],
])("a signed time %i s from now is answered %i", async (seconds, status) => {
  const { base } = await startApp({ webhooks: { receivers: [slack], secrets: { slack: secret } } });
  const signed = signRequest(slack, { secret, event: "app_mention", body: {}, now: new Date(Date.now() + seconds * 1000) });
  const answer = await fetch(`${base}/api/webhooks/incoming/slack`, {
    method: "POST",
    headers: signed.headers,
    body: new Uint8Array(signed.body),
  });
  expect(answer.status).toBe(status);
});

describe("a signed URL", () => {
  const publicUrl = "https://hooks.example.com";
  const signed = signRequest(twilio, {
    secret,
    event: "request",
    body: { CallSid: "CA1" },
    url: `${publicUrl}/api/webhooks/incoming/twilio?a=1`,
  });

  async function deliverTo(host: string, configured: string, target = "/api/webhooks/incoming/twilio?a=1"): Promise<number> {
    const { server } = await startApp({ webhooks: { receivers: [twilio], secrets: { twilio: secret }, publicUrl: configured } });
    const connection = await openConnection(server.port);
    connection.write(rawRequest(target, { host, ...signed.headers }, signed.body));
    return (await connection.answer()).status;
  }

  test("is the public one, whatever the Host says", async () => {
    expect(await deliverTo("evil.example", publicUrl)).toBe(200);
  });

  test("is the public one, whatever an absolute target says", async () => {
    expect(await deliverTo("evil.example", publicUrl, "http://evil.example/api/webhooks/incoming/twilio?a=1")).toBe(200);
  });

  test("is never guessed from the Host", async () => {
    expect(await deliverTo("hooks.example.com", "https://other.example.com")).toBe(401);
  });

  test("includes the query byte for byte", async () => {
    expect(await deliverTo("x", publicUrl, "/api/webhooks/incoming/twilio?a=%31")).toBe(401);
  });
});
