import { describe, expect, it } from "@jest/globals";
import { defineReceiver, hmac, type ReceiverDefinition, token, unproven } from "../../src/receiver/index.ts";
import { controllableClock, deliver, signRequest } from "../../src/testing/index.ts";
import { step } from "../support/handlers.ts";
import { harness, secret } from "../support/harness.ts";

const base = { title: "Example", docs: "https://example.test", events: { value: "change" } } as const;
const url = "https://example.test/api/webhooks/incoming/example";

describe("a secret that the provider hands over", () => {
  const receiver = defineReceiver({
    ...base,
    name: "example",
    verify: hmac({ header: "X-Sig" }),
    handshakes: [
      {
        proof: "setup",
        method: "POST",
        offer: ({ headers }) => {
          const offered = headers.get("X-Offer");
          return offered === undefined
            ? undefined
            : { secret: offered, answer: { status: 200, headers: { "x-offer": offered }, body: "" } };
        },
      },
    ],
  });
  const offer = (text = secret) => ({
    method: "POST",
    url,
    headers: { "x-offer": text, "content-type": "application/json" },
    body: Buffer.from("{}"),
  });
  const wired = () => {
    const clock = controllableClock();
    return { clock, ...harness({ receivers: [receiver], secrets: {}, handlers: [], clock }) };
  };

  it("is taken once while a window is open, saved first, and used at once", async () => {
    const { webhooks } = wired();
    const saved: string[] = [];
    webhooks.openSetup("example", { save: (text) => void saved.push(text) });
    expect(await deliver(webhooks, offer())).toMatchObject({ status: 200, headers: { "x-offer": secret } });
    expect(saved).toEqual([secret]);
    expect(await deliver(webhooks, signRequest(receiver, { secret }))).toMatchObject({ status: 200 });
    expect(await deliver(webhooks, offer("another secret of enough bytes"))).toMatchObject({ status: 401 });
    expect(saved).toEqual([secret]);
  });

  it("is refused without a window, after it has closed, and for another id", async () => {
    const { webhooks, clock } = wired();
    expect(await deliver(webhooks, offer())).toMatchObject({ status: 404 });
    webhooks.openSetup("example", { forMs: 1_000, id: "Acme", save: () => {} });
    expect(await deliver(webhooks, offer())).toMatchObject({ status: 404 });
    await clock.advance(1_001);
    expect(await deliver(webhooks, { ...offer(), url: `${url}/acme` })).toMatchObject({ status: 404 });
  });

  it("is not taken where it cannot be saved, is too short, or is not brought", async () => {
    const { webhooks } = wired();
    let isBroken = true;
    webhooks.openSetup("example", { save: async () => (isBroken ? Promise.reject(new Error("vault")) : undefined) });
    expect(await deliver(webhooks, offer("short"))).toMatchObject({ status: 401 });
    expect(await deliver(webhooks, { ...offer(), headers: { "content-type": "application/json" } })).toMatchObject({ status: 401 });
    expect(await deliver(webhooks, offer())).toMatchObject({ status: 503 });
    isBroken = false;
    expect(await deliver(webhooks, offer())).toMatchObject({ status: 200 });
  });

  it("is only awaited from a provider that hands one over", () => {
    const { webhooks } = harness();
    expect(() => webhooks.openSetup("github", { save: () => {} })).toThrow("hands over no secret");
    expect(() => webhooks.openSetup("nobody", { save: () => {} })).toThrow("not registered");
  });
});

describe("a provider that proves nothing", () => {
  const receiver = defineReceiver({ ...base, name: "example", verify: unproven() });
  const bare = { method: "POST", url, headers: { "content-type": "application/json" }, body: Buffer.from("{}") };

  it("needs a code in the URL", async () => {
    const { webhooks } = harness({ receivers: [receiver], secrets: { example: secret } });
    expect(await deliver(webhooks, bare)).toMatchObject({ status: 401 });
    expect(await deliver(webhooks, { ...bare, url: `${url}?code=${secret}` })).toMatchObject({ status: 200 });
  });

  it("is believed without one where the operator says so, and every start logs it", async () => {
    const { webhooks, log } = harness({ receivers: [receiver], secrets: {}, settings: { example: { unverified: true } } });
    expect(await deliver(webhooks, bare)).toMatchObject({ status: 200 });
    expect(log.complaints.map(({ message }) => message)).toEqual([expect.stringContaining("unverified: whoever knows the URL")]);
  });

  it("is the only kind that may be believed so", () => {
    const proved = defineReceiver({ ...base, name: "example", verify: token({ header: "X" }) });
    const wire = () => harness({ receivers: [proved], secrets: { example: secret }, settings: { example: { unverified: true } } });
    expect(wire).toThrow("proves its requests");
  });
});

describe("what a receiver says of its provider", () => {
  const define = (more: Partial<ReceiverDefinition>) =>
    defineReceiver({ ...base, name: "example", verify: hmac({ header: "X-Sig" }), ...more });

  it("answers under its aliases", async () => {
    const receiver = define({ aliases: ["old-name"] });
    const { webhooks } = harness({ receivers: [receiver], secrets: { example: secret } });
    const signed = signRequest(receiver, { secret, url: url.replace("example/", "x/").replace(/example$/, "old-name") });
    expect(await deliver(webhooks, signed)).toMatchObject({ status: 200 });
  });

  it("has its own answer to a delivery, to an error and to a failed proof", async () => {
    const receiver = define({
      respond: ({ data }) => ({ status: 202, body: JSON.stringify(data) }),
      shapeAnswer: (answer) => ({ ...answer, headers: { ...answer.headers, "x-shaped": "yes" } }),
      refusal: { status: 498 },
    });
    const { webhooks } = harness({ receivers: [receiver], secrets: { example: secret } });
    expect(await deliver(webhooks, signRequest(receiver, { secret, body: { a: 1 } }))).toMatchObject({
      status: 202,
      headers: { "x-shaped": "yes" },
      body: '{"a":1}',
    });
    expect(await deliver(webhooks, signRequest(receiver, { secret, body: "{" }))).toMatchObject({
      status: 400,
      headers: { "x-shaped": "yes" },
    });
    expect(await deliver(webhooks, signRequest(receiver, { secret: "another secret of enough bytes" }))).toEqual({
      status: 498,
      headers: {},
      body: "",
    });
  });

  it("gives handlers the retry, the time and the account", async () => {
    const seen: unknown[] = [];
    const receiver = define({
      retryNumber: { header: "X-Retry" },
      sentAt: { from: { body: "at" }, unit: "iso" },
      account: { firstOf: [{ header: "X-Shop" }, { body: "shop" }] },
    });
    const Reader = step((context) => {
      seen.push([context.retryNumber, context.sentAt?.getTime(), context.account]);
    });
    const { webhooks } = harness({ receivers: [receiver], secrets: { example: secret }, handlers: [Reader] });
    await deliver(
      webhooks,
      signRequest(receiver, { secret, headers: { "x-retry": "2" }, body: { at: "2023-11-14T22:13:20Z", shop: "s1" } }),
    );
    await deliver(webhooks, signRequest(receiver, { secret, headers: { "x-retry": "many", "x-shop": "s2" }, body: { at: "yesterday" } }));
    expect(seen).toEqual([
      [2, 1_700_000_000_000, "s1"],
      [undefined, undefined, "s2"],
    ]);
  });

  it("warns of handlers that take longer than the provider waits", async () => {
    const clock = controllableClock();
    const receiver = define({ timeLimitMs: 3_000 });
    const Slow = step(async () => {
      await clock.advance(3_001);
    });
    const { webhooks, log } = harness({ receivers: [receiver], secrets: { example: secret }, handlers: [Slow], clock });
    await deliver(webhooks, signRequest(receiver, { secret, now: clock.now() }));
    expect(log.complaints.map(({ message }) => message)).toEqual([expect.stringContaining("does not wait this long")]);
  });
});
