import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { custom } from "../../receivers/custom.ts";
import { discord } from "../../receivers/discord.ts";
import { genericJson } from "../../receivers/generic-json.ts";
import { github } from "../../receivers/github.ts";
import { mailchimp } from "../../receivers/mailchimp.ts";
import { slack } from "../../receivers/slack.ts";
import { standardWebhooks } from "../../receivers/standard-webhooks.ts";
import { stripe } from "../../receivers/stripe.ts";
import { twilio } from "../../receivers/twilio.ts";
import {
  type Receiver,
  ReceiverRequest,
  type RequestParts,
  rawHeadersOf,
  readSource,
  type Verification,
} from "../../src/receiver/index.ts";
import { prepareKeys } from "../../src/receiver/secrets.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { signRequest } from "../../src/testing/sign-request.ts";

const secret = "12345678901234567890123456789012";
const now = 1_700_000_000;

function check(
  receiver: Receiver,
  parts: Omit<RequestParts, "rawHeaders"> & { headers: Record<string, string | readonly string[]> },
): string | number {
  const request = new ReceiverRequest({ ...parts, rawHeaders: rawHeadersOf(parts.headers) });
  const result = verifyRequest(receiver.verify, request, [receiver.verify.secret.parse(secret)], { now }) as Verification;
  return result.verified ? result.secretIndex : result.code;
}

function verified(data: unknown, headers: Record<string, string | readonly string[]> = {}, url = "https://example.test/") {
  return {
    request: new ReceiverRequest({ method: "POST", url, rawHeaders: rawHeadersOf(headers) }),
    content: Buffer.from(JSON.stringify(data)),
    data,
  };
}

describe("GitHub", () => {
  it("is refused with the SHA-1 signature alone", () => {
    const body = Buffer.from("{}");
    const headers = { "X-Hub-Signature": `sha1=${createHmac("sha1", secret).update(body).digest("hex")}` };
    expect(check(github, { method: "POST", url: "https://example.test/", headers, body })).toBe("signature_missing");
  });

  it.each([[{ action: {} }], [{ action: "" }], [{}], [[]], [null]])("has no second event for the body %j", (data) => {
    expect(readSource(github.events, verified(data, { "X-GitHub-Event": "push" }))).toEqual(["push"]);
  });
});

describe("Slack", () => {
  it("has the type of the payload where it is no event callback", () => {
    expect(readSource(slack.events, verified({ type: "app_rate_limited" }))).toEqual(["app_rate_limited"]);
    expect(readSource(slack.events, verified({ type: "event_callback", event: {} }))).toEqual([]);
  });

  it("has a challenge that is not text refused", () => {
    const answers = [{ type: "url_verification" }, { type: "url_verification", challenge: 7 }].map((data) =>
      slack.handshakes.flatMap((handshake) => (handshake.proof === "scheme" ? [handshake.answer(verified(data), [])] : [])),
    );
    expect(answers).toEqual([
      ["malformed", undefined],
      ["malformed", undefined],
    ]);
  });
});

describe("Twilio", () => {
  const url = "https://example.test/hook?a=1";
  const signatureOf = (text: string): string => createHmac("sha1", secret).update(text).digest("base64");
  const twilioHeaders = (text: string, type?: string | string[]) => ({
    "X-Twilio-Signature": signatureOf(text),
    ...(type === undefined ? {} : { "content-type": type }),
  });
  const form = "application/x-www-form-urlencoded";

  it.each(["application/json", "text/plain", "application/x-www-form-urlencodedx", [form, form]])(
    "is refused with a body of %j that nothing binds",
    (type) => {
      expect(check(twilio, { method: "POST", url, headers: twilioHeaders(url, type), body: Buffer.from("{}") })).toBe(
        "signed_part_missing",
      );
    },
  );

  it("is refused with a body behind a signed GET request, and with a body that is not the hashed one", () => {
    expect(check(twilio, { method: "GET", url, headers: twilioHeaders(url, form), body: Buffer.from("a=1") })).toBe("signed_part_missing");
    const hashed = `${url}&bodySHA256=${"0".repeat(64)}`;
    for (const body of ["{}", ""])
      expect(check(twilio, { method: "POST", url: hashed, headers: twilioHeaders(hashed), body: Buffer.from(body) })).toBe(
        "body_hash_mismatch",
      );
  });

  it("is refused with two hashes, though one is right", () => {
    const right = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    const called = `${url}&bodySHA256=${right}&bodySHA256=${"0".repeat(64)}`;
    expect(check(twilio, { method: "POST", url: called, headers: twilioHeaders(called), body: Buffer.from("{}") })).toBe(
      "body_hash_mismatch",
    );
  });

  it.each([form, `${form}; charset=UTF-8`, " Application/X-WWW-Form-URLEncoded", undefined, ""])(
    "reads a form under the content type %j",
    (type) => {
      expect(check(twilio, { method: "POST", url, headers: twilioHeaders(`${url}a1b2`, type), body: Buffer.from("b=2&a=1") })).toBe(0);
    },
  );

  it("is accepted without parameters and without a body", () => {
    expect(check(twilio, { method: "POST", url, headers: twilioHeaders(url, form) })).toBe(0);
  });

  it("is refused with more fields than Twilio ever sends, in no time", () => {
    const body = Buffer.from("a=b&".repeat(250_000));
    const start = performance.now();
    expect(check(twilio, { method: "POST", url, headers: twilioHeaders(url, form), body })).toBe("verification_failed");
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it("has an id only where the same id means the same delivery", () => {
    const idOf = (data: unknown) => twilio.deliveryId && readSource(twilio.deliveryId, verified(data))[0];
    expect(idOf({ SmsSid: "SM1", SmsStatus: "received" })).toBe("SM1:received");
    expect(idOf({ MessageSid: "SM1" })).toBeUndefined();
    expect(idOf({ CallSid: "CA1", CallStatus: "in-progress", Digits: "1" })).toBeUndefined();
    expect(idOf({ CallSid: "CA1", CallStatus: "completed", SequenceNumber: "2" })).toBe("CA1:completed:2");
  });
});

describe("Discord", () => {
  it.each([
    [{ type: 5, data: { custom_id: "x" } }, ["modal_submit"]],
    [{ type: 4, data: { name: "search" } }, ["application_command_autocomplete", "application_command_autocomplete.search"]],
    [{ type: 99 }, []],
    [{ type: "constructor" }, []],
    [{}, []],
  ])("reads %j as %j", (data, events) => expect(readSource(discord.events, verified(data))).toEqual(events));

  it("gives a ping of either kind its own answer, and an event none", () => {
    const answer = (data: unknown) =>
      discord.handshakes.map((handshake) => handshake.proof === "scheme" && handshake.answer(verified(data), []))[0];
    expect(answer({ type: 1 })).toMatchObject({ status: 200, body: '{"type":1}' });
    expect(answer({ type: 0 })).toMatchObject({ status: 204, body: "" });
    expect(answer({ type: 1, event: { type: "ENTITLEMENT_CREATE" } })).toBeUndefined();
    expect(answer({ type: 2 })).toBeUndefined();
  });
});

describe("a custom sender", () => {
  it.each([
    {},
    [],
    null,
    { Notifications: "i n v a l i d" },
    { Notifications: {} },
    { Notifications: [7] },
    { Notifications: [[]] },
    { Notifications: [{ Action: {} }] },
  ])("is refused with the body %j", (data) => {
    expect(() => custom.data?.(verified(data))).toThrow(expect.objectContaining({ code: "malformed_body" }));
  });

  it.each(["", "=", "==", "invalid", "sha256", "sha256=", "sha1=00", "k1=v1;k2=v2", "sha256=invalid"])(
    "is refused with the header %j",
    (header) => {
      expect(["signature_malformed", "signature_missing"]).toContain(
        check(custom, { method: "POST", url: "/", headers: { "ms-signature": header } }),
      );
    },
  );
});

describe("generic JSON", () => {
  it.each([
    ["", ["change"]],
    ["?event=", ["change"]],
    ["?action=saved", ["saved"]],
    ["?event=paid&action=saved", ["paid"]],
    ["?event=a&event=b", ["a", "b"]],
  ])("with the query %j has the events %j", (query, events) => {
    expect(readSource(genericJson.events, verified({}, {}, `https://example.test/${query}`))).toEqual(events);
  });
});

describe("the lengths of secrets", () => {
  it.each([
    [custom, 31, false],
    [custom, 32, true],
    [genericJson, 31, false],
    [mailchimp, 31, false],
    [mailchimp, 32, true],
    [github, 15, false],
    [github, 16, true],
  ])("case %#", (receiver, length, fits) => expect("keys" in prepareKeys(receiver, "x".repeat(length))).toBe(fits));
});

describe("a request for one receiver", () => {
  it("is refused by another with the same secret", () => {
    const shared = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const signed = signRequest(stripe, { secret: shared, event: "a", now: new Date(now * 1000) });
    const request = new ReceiverRequest({ ...signed, rawHeaders: rawHeadersOf(signed.headers) });
    for (const other of [standardWebhooks, github, slack, custom]) {
      expect(verifyRequest(other.verify, request, [other.verify.secret.parse(shared)], { now })).toMatchObject({ verified: false });
    }
  });
});
