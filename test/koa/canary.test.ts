import { gzipSync } from "node:zlib";
import { expect, jest, test } from "@jest/globals";
import type { Receiver } from "hookwright";
import { ConfigurationError, createWebhooks } from "hookwright";
import { genericJson } from "hookwright/receivers/generic-json";
import { github } from "hookwright/receivers/github";
import { slack } from "hookwright/receivers/slack";
import { stripe } from "hookwright/receivers/stripe";
import { twilio } from "hookwright/receivers/twilio";
import { signRequest } from "hookwright/testing";
import { startApp } from "../support/app.ts";
import { queueStep, step } from "../support/handlers.ts";

const secret = "CANARY-SECRET-0123456789-abcdefghijk";
const payload = "CANARY-PAYLOAD";
const header = "CANARY-HEADER";
const receivers: readonly Receiver[] = [github, stripe, slack, twilio, genericJson];

/** Every good request, and what becomes of it where somebody tampers with it. */
function requestsFor(receiver: Receiver, base: string) {
  const url = `https://hooks.example.com/api/webhooks/incoming/${receiver.name}`;
  const signed = (options: object = {}) =>
    signRequest(receiver, {
      secret,
      url,
      event: "change",
      body: { type: "change", note: payload },
      headers: { cookie: header, authorization: header, "x-other": header },
      ...options,
    });
  const good = signed();
  const proof = new Set(receiver.verify.proofHeaders);
  const without = Object.fromEntries(Object.entries(good.headers).filter(([name]) => !proof.has(name)));
  const isForm = good.headers["content-type"]?.includes("form") ?? false;
  const all = [
    good,
    good,
    signed({ secret: `${secret}-wrong-CANARY` }),
    { ...good, body: Buffer.from(`{"note":"${payload}"}`) },
    { ...good, headers: without },
    { ...good, headers: { ...good.headers, "content-encoding": "gzip" }, body: gzipSync(payload) },
    { ...good, headers: { ...good.headers, "content-type": `text/${payload}` } },
    signed({ body: `${payload}{`, ...(isForm ? {} : { contentType: "application/json" }) }),
    signed({ body: `{"__proto__":"${payload}"}`, contentType: "application/json" }),
    { ...good, url: `${good.url}${good.url.includes("?") ? "&" : "?"}code=${secret}&code=${secret}` },
    { ...good, headers: { ...without, "x-webhook-secret": `${secret}x` } },
    { ...good, url: `${url}/unknown?code=${secret}` },
    { ...good, method: "PUT" },
  ];
  return all.map((request) => ({ ...request, url: request.url.replace("https://hooks.example.com", base) }));
}

test("no secret, signature, token or payload is in any log line, error or answer", async () => {
  const printed: string[] = [];
  for (const method of ["log", "info", "warn", "error"] as const)
    jest.spyOn(console, method).mockImplementation((...values) => void printed.push(values.join(" ")));
  const { base, log, queue, webhooks } = await startApp({
    webhooks: {
      receivers,
      secrets: Object.fromEntries(receivers.map(({ name }) => [name, secret])),
      publicUrl: "https://hooks.example.com",
      handlers: [
        queueStep(),
        step(
          (context) => {
            if (context.receiver === "slack") throw new Error("handler's own text");
          },
          { order: 60 },
        ),
      ],
    },
  });
  const answers: string[] = [];
  const signatures: string[] = [];
  const statuses = new Set<number>();
  for (const request of receivers.flatMap((receiver) => requestsFor(receiver, base))) {
    const answer = await fetch(request.url, { method: request.method, headers: request.headers, body: new Uint8Array(request.body) });
    answers.push(JSON.stringify([...answer.headers]), await answer.text());
    statuses.add(answer.status);
    for (const [name, value] of Object.entries(request.headers))
      if (/signature/.test(name)) signatures.push(...value.split(/[=,]/).filter((part) => part.length >= 20));
  }
  const heads = (await queue.list({ state: "open" })).jobs.map((job) => job.head);
  const everything = [...answers, ...heads, ...printed, JSON.stringify(log.lines), JSON.stringify(webhooks.counts())].join("\n");
  expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 401, 404, 405, 500]));
  expect(everything).not.toContain("CANARY");
  expect(signatures.length).toBeGreaterThan(20);
  expect(signatures.filter((signature) => everything.includes(signature))).toEqual([]);
  jest.restoreAllMocks();
});

test("no secret is in the error of wrong options, its stack or its causes", () => {
  const wrong = [`"${secret}"`, `${secret}\n`, ` ${secret}`, [secret, `${secret} `], { acme: `'${secret}'` }, "CANARY"];
  for (const github_ of wrong) {
    let error: unknown;
    try {
      createWebhooks({ receivers: [github], secrets: { github: github_ } });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigurationError);
    const { message, stack, cause } = error as Error;
    expect([message, stack, String(cause)].join("\n")).not.toContain("CANARY");
  }
});
