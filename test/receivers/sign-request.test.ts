import { describe, expect, it } from "@jest/globals";
import { github } from "../../receivers/github.ts";
import { slack } from "../../receivers/slack.ts";
import { standardWebhooks } from "../../receivers/standard-webhooks.ts";
import { stripe } from "../../receivers/stripe.ts";
import { twilio } from "../../receivers/twilio.ts";
import { defaultLimits } from "../../src/options.ts";
import { deliveryIdOf } from "../../src/pipeline/delivery.ts";
import { readDelivery } from "../../src/pipeline/read-delivery.ts";
import {
  defineReceiver,
  ed25519,
  type Receiver,
  ReceiverRequest,
  RequestHeaders,
  rawHeadersOf,
  readSource,
  type Source,
  token,
} from "../../src/receiver/index.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { recordedDocuments } from "../../src/testing/recorded-documents.ts";
import { type SignRequestOptions, signRequest } from "../../src/testing/sign-request.ts";
import { type ReceiverVector, requestOf, withoutParameter } from "../../src/testing/vector.ts";
import { signingSecretOf } from "../../src/testing/vector-suite.ts";
import { loadCatalogue } from "./catalogue.ts";

const text = "12345678901234567890123456789012";
const now = new Date(1_700_000_000_000);

/** What a request is signed and verified with. */
interface RoundTripKeys {
  readonly secret: string;
  readonly signingSecret: string;
  readonly vector?: ReceiverVector;
}

/** Signs, verifies and reads. */
async function roundTrip(
  receiver: Receiver,
  options: Omit<SignRequestOptions, "secret" | "contentType"> & { readonly contentType?: string | undefined },
  { secret, signingSecret, vector }: RoundTripKeys = { secret: text, signingSecret: text },
) {
  const { contentType, ...rest } = options;
  const at = vector === undefined ? now : new Date(vector.now * 1000);
  const signed = signRequest(receiver, { secret: signingSecret, now: at, ...rest, ...(contentType === undefined ? {} : { contentType }) });
  const request = new ReceiverRequest({ ...signed, rawHeaders: rawHeadersOf(signed.headers), bodyRule: receiver.body });
  const key = receiver.verify.secret.parse(secret);
  const context = { now: at.getTime() / 1000, remote: recordedDocuments(vector?.remote ?? {}) };
  const { verified } = await verifyRequest(receiver.verify, request, [key], context);
  const read = await readDelivery(receiver, request, signed.body, defaultLimits, [key]);
  return {
    verified,
    events: readSource(receiver.events, read),
    deliveryId: deliveryIdOf(receiver, read),
    data: read.data,
    signed,
  };
}

const signable = (await loadCatalogue()).flatMap(({ slug, receiver: unconfigured, vectors }) => {
  const vector = vectors.find(({ expected }) => expected && expected.handshake === undefined && expected.offeredSecret === undefined);
  const receiver = vector?.settings ? unconfigured.configure(vector.settings) : unconfigured;
  const signingSecret = vector && signingSecretOf(receiver, vector);
  return vector && signingSecret !== undefined && receiver.verify.sign ? [{ slug, receiver, vector, signingSecret }] : [];
});

describe.each(signable)("a request signed for $slug", ({ receiver, vector, signingSecret }) => {
  const [event = "something"] = vector.expected?.events ?? [];
  const send = (options: Omit<SignRequestOptions, "secret">) =>
    roundTrip(
      receiver,
      { contentType: requestHeaders(vector).get("content-type"), ...options },
      { secret: vector.secret, signingSecret, vector },
    );

  it("is accepted with the vector's event and body, and reads as the vector does", async () => {
    const body = requestOf(vector).body.toString();
    const { verified, events } = await send({
      event,
      body,
      headers: vector.headers as Record<string, string>,
      method: vector.method,
      url: receiver.verify.proofParameters.reduce(withoutParameter, requestOf(vector)).url,
    });
    expect({ verified, events }).toEqual({ verified: true, events: vector.expected?.events ?? events });
  });

  // Where the keys are the provider's, the body also has to name the registration.
  if (!receiver.verify.isRemote && isPlaced(receiver.events) && isPlaced(receiver.deliveryId)) {
    it("is accepted with nothing but a secret, an event and a delivery id, or says which other part is signed", async () => {
      const sending = send({ event, deliveryId: "id-1" });
      const refused = await sending.then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (refused !== undefined) return expect(refused).toMatch(/^sign(Request)?: /);
      const { verified, events, deliveryId = "" } = await sending;
      expect(verified).toBe(true);
      expect(events[0]?.split(/[.:/_]/)[0]).toBe(event.split(/[.:/_]/)[0]);
      expect(deliveryId.startsWith("id-1")).toBe(receiver.deliveryId !== undefined);
    });
  }
});

/** Sources in whose places a test request can put a value. */
function isPlaced(source: Source | undefined): boolean {
  return source === undefined || (typeof source === "object" && !("value" in source));
}

function requestHeaders(vector: ReceiverVector): RequestHeaders {
  return new RequestHeaders(rawHeadersOf(vector.headers));
}

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
    expect(() => signRequest(defineReceiver({ ...declaration, verify: verifyOnly }), { secret: "a".repeat(64) })).toThrow(TypeError);
    expect(() => signRequest(defineReceiver({ ...declaration, verify: ed25519({ header: "x" }) }), { secret: "no key" })).toThrow(
      TypeError,
    );
    expect(() =>
      signRequest(defineReceiver({ ...declaration, verify: token({ header: "x" }), body: "xml" }), { secret: text, body: {} }),
    ).toThrow(TypeError);
  });
});
