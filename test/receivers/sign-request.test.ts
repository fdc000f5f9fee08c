import { describe, expect, it } from "@jest/globals";
import { github } from "../../receivers/github.ts";
import { slack } from "../../receivers/slack.ts";
import { standardWebhooks } from "../../receivers/standard-webhooks.ts";
import { stripe } from "../../receivers/stripe.ts";
import { twilio } from "../../receivers/twilio.ts";
import { defaultLimits } from "../../src/options.ts";
import { readDelivery } from "../../src/pipeline/read-delivery.ts";
import { defineReceiver, ed25519, type Receiver, ReceiverRequest, rawHeadersOf, readSource, token } from "../../src/receiver/index.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { type SignRequestOptions, signRequest } from "../../src/testing/sign-request.ts";
import { loadCatalogue } from "./catalogue.ts";

const text = "12345678901234567890123456789012";
const privateKey = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const publicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const now = new Date(1_700_000_000_000);

/** Signs, verifies and reads. */
async function roundTrip(receiver: Receiver, options: Omit<SignRequestOptions, "secret">) {
  const isPublic = receiver.verify.name === "ed25519";
  const signed = signRequest(receiver, { secret: isPublic ? privateKey : text, now, ...options });
  const request = new ReceiverRequest({ ...signed, rawHeaders: rawHeadersOf(signed.headers) });
  const key = receiver.verify.secret.parse(isPublic ? publicKey : text);
  const { verified } = await verifyRequest(receiver.verify, request, [key], { now: now.getTime() / 1000 });
  const read = await readDelivery(receiver, request, signed.body, defaultLimits);
  return {
    verified,
    events: readSource(receiver.events, read),
    deliveryId: receiver.deliveryId && readSource(receiver.deliveryId, read)[0],
    data: read.data,
    signed,
  };
}

describe.each(await loadCatalogue())("a request signed for $slug", ({ receiver }) => {
  it("is accepted with nothing but a secret and an event, which is read back", async () => {
    const { verified, events } = await roundTrip(receiver, { event: "something" });
    expect({ verified, events: [...events] }).toEqual({
      verified: true,
      events: ["value" in receiver.events ? receiver.events.value : "something"],
    });
  });

  it("carries the given delivery id wherever the receiver has one", async () => {
    const { deliveryId } = await roundTrip(receiver, { event: "something", deliveryId: "id-1" });
    expect(deliveryId).toBe(receiver.deliveryId === undefined ? undefined : "id-1");
  });

  it("is accepted with a body of its own", async () => {
    const { verified } = await roundTrip(receiver, { body: '{"Notifications":[]}' });
    expect(verified).toBe(true);
  });
});

describe("signRequest", () => {
  it("puts an event with an action into the header and the body of GitHub's", async () => {
    const { events, data } = await roundTrip(github, { event: "issues.opened", body: { number: 1 } });
    expect(events).toEqual(["issues", "issues.opened"]);
    expect(data).toEqual({ action: "opened", number: 1 });
  });

  it("wraps a form as the receiver unwraps it", async () => {
    const { data, signed } = await roundTrip(github, {
      event: "push",
      body: { ref: "main" },
      contentType: "application/x-www-form-urlencoded",
    });
    expect(signed.body.toString()).toBe(`payload=${encodeURIComponent('{"ref":"main"}')}`);
    expect(data).toEqual({ ref: "main" });
  });

  it("makes a form of a slash command", async () => {
    const { events, signed } = await roundTrip(slack, { event: "/weather", deliveryId: "1.2" });
    expect(events).toEqual(["/weather"]);
    expect(signed.body.toString()).toBe("command=%2Fweather&trigger_id=1.2");
  });

  it("keeps the delivery id of a body, unless one is given", async () => {
    expect((await roundTrip(stripe, { body: { id: "evt_1" } })).deliveryId).toBe("evt_1");
    expect((await roundTrip(stripe, { body: { id: "evt_1" }, deliveryId: "evt_2" })).deliveryId).toBe("evt_2");
  });

  it("makes up another delivery id each time", async () => {
    const ids = await Promise.all([roundTrip(standardWebhooks, {}), roundTrip(standardWebhooks, {})]);
    expect(new Set(ids.map(({ deliveryId }) => deliveryId)).size).toBe(2);
  });

  it("moves the fields of a GET request into the query", async () => {
    const { verified, events, signed } = await roundTrip(twilio, {
      method: "GET",
      body: { CallStatus: "ringing" },
      url: "https://example.test/a?b=c",
    });
    expect({ verified, events }).toEqual({ verified: true, events: ["ringing"] });
    expect(signed).toMatchObject({ method: "GET", url: "https://example.test/a?b=c&CallStatus=ringing", body: Buffer.alloc(0) });
  });

  it("repeats a form field that has a list", async () => {
    const { verified, data } = await roundTrip(twilio, { body: { Digits: ["2", "1", "1"] } });
    expect(verified).toBe(true);
    expect(data).toMatchObject({ Digits: ["2", "1", "1"] });
  });

  it("leaves bytes as they are", async () => {
    const body = Buffer.from([0x7b, 0x20, 0x7d]);
    expect((await roundTrip(stripe, { body, event: "a" })).signed.body).toBe(body);
  });

  it("lets given headers win over placed ones, and the proof over both", async () => {
    const headers = { "X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=00" };
    const { verified, events } = await roundTrip(github, { event: "issues", headers });
    expect({ verified, events }).toEqual({ verified: true, events: ["push"] });
  });

  it("takes the one default URL of the receiver", () => {
    expect(signRequest(stripe, { secret: text }).url).toBe("https://example.test/api/webhooks/incoming/stripe");
  });

  it("refuses a scheme that cannot sign, a secret of another form and an object as XML", () => {
    const { sign: _sign, ...verifyOnly } = ed25519({ header: "x" });
    const declaration = { name: "a", title: "A", docs: "https://example.test", events: { value: "b" } };
    expect(() => signRequest(defineReceiver({ ...declaration, verify: verifyOnly }), { secret: privateKey })).toThrow(TypeError);
    expect(() => signRequest(defineReceiver({ ...declaration, verify: ed25519({ header: "x" }) }), { secret: "no key" })).toThrow(
      TypeError,
    );
    expect(() =>
      signRequest(defineReceiver({ ...declaration, verify: token({ header: "x" }), body: "xml" }), { secret: text, body: {} }),
    ).toThrow(TypeError);
  });
});
