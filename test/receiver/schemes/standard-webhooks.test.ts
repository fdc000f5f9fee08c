import { describe, expect, it } from "@jest/globals";
import {
  hexSecret,
  ReceiverRequest,
  rawHeadersOf,
  type StandardWebhooksKey,
  standardWebhooks,
  textSecret,
} from "../../../src/receiver/index.ts";

const shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const v1a = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
const now = 1614265330;

function check(
  signature: string | string[] | undefined,
  secrets: readonly string[] = [shared],
  changed: Record<string, string | undefined> = {},
  prefix = "webhook",
  at = now,
): string | number {
  const scheme = standardWebhooks({ headerPrefix: prefix });
  const headers = {
    [`${prefix}-id`]: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    [`${prefix}-timestamp`]: String(now),
    [`${prefix}-signature`]: signature,
    ...changed,
  };
  const request = new ReceiverRequest({
    method: "POST",
    url: "/",
    rawHeaders: rawHeadersOf(headers),
    body: Buffer.from('{"test": 2432232314}'),
  });
  const result = scheme.verify(
    request,
    secrets.map((secret) => scheme.secret.parse(secret) as StandardWebhooksKey),
    { now: at },
  );
  return result.verified ? result.secretIndex : result.code;
}

describe("standardWebhooks", () => {
  it("accepts any one of several signatures, of either version", () => {
    expect(check(v1)).toBe(0);
    expect(check(v1a, [publicKey])).toBe(0);
    expect(check(`v1,${Buffer.alloc(32).toString("base64")} v2,x  ${v1a} ${v1}`)).toBe(0);
    expect(check(`${v1} ${v1a}`, [publicKey, shared])).toBe(0);
  });

  it("accepts a secret without its prefix", () => expect(check(v1, [shared.slice(6)])).toBe(0));

  it("never lets one version stand for the other", () => {
    expect(check(v1a.replace("v1a", "v1"), [publicKey])).toBe("signature_malformed");
    expect(check(v1.replace("v1", "v1a"), [shared])).toBe("signature_malformed");
    expect(check(v1, [publicKey])).toBe("signature_mismatch");
    expect(check(v1a, [shared])).toBe("signature_mismatch");
  });

  it.each(
    [
      "v1",
      "v1,",
      ",",
      "v1,x",
      v1.slice(3),
      v1.replace(",", "="),
      v1.replace("=", ""),
      v1.toUpperCase(),
      `${v1},${v1}`,
      v1.replace(" ", ""),
      Array(17).fill(v1).join(" "),
      Array(17).fill("v2,x").join("  "),
      ` v1, ${v1.slice(3)}`,
      v1.replaceAll("+", "-").replaceAll("/", "_"),
      v1.replace("1OE=", "1OF="),
      v1.replace("=", "=="),
    ].filter((value) => value !== v1),
  )("refuses %j", (value) => expect(check(value)).toBe("signature_malformed"));

  it("refuses a missing and a repeated part", () => {
    expect(check(undefined)).toBe("signature_missing");
    expect(check([v1, v1])).toBe("signature_repeated");
    expect(check(v1, [shared], { "webhook-id": undefined })).toBe("signed_part_missing");
    expect(check(v1, [shared], { "webhook-timestamp": undefined })).toBe("signed_part_missing");
  });

  it.each([
    [300, 0],
    [301, "timestamp_too_old"],
    [-300, 0],
    [-301, "timestamp_in_future"],
  ])("at an age of %i s gives %s", (age, expected) => {
    expect(check(v1, [shared], {}, "webhook", now + age)).toBe(expected);
  });

  it("reads other names of the three headers", () => {
    expect(check(v1, [shared], {}, "svix")).toBe(0);
    expect(check(undefined, [shared], { "webhook-signature": v1 }, "svix")).toBe("signature_missing");
  });

  describe("under several prefixes", () => {
    const scheme = standardWebhooks({ headerPrefix: ["svix", "webhook"] });
    const under = (prefix: string, id = "msg_p5jXN8AQM9LWM0D4loKWxJek", signature = v1) => ({
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: String(now),
      [`${prefix}-signature`]: signature,
    });
    const verify = (headers: Record<string, string>): string => {
      const body = Buffer.from('{"test": 2432232314}');
      const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: rawHeadersOf(headers), body });
      const result = scheme.verify(request, [scheme.secret.parse(shared) as StandardWebhooksKey], { now });
      return result.verified ? "verified" : result.code;
    };

    it("reads whichever of them a request uses", () => {
      expect(verify(under("svix"))).toBe("verified");
      expect(verify(under("webhook"))).toBe("verified");
      expect(verify({})).toBe("signature_missing");
    });

    it("looks only at the first that a request uses", () => {
      expect(verify({ ...under("svix"), ...under("webhook", "other") })).toBe("verified");
      expect(verify({ ...under("svix", "other"), ...under("webhook") })).toBe("signature_mismatch");
    });

    it("refuses another id beside a signed one", () => {
      expect(verify({ ...under("webhook"), "svix-id": "new" })).toBe("signature_missing");
      expect(verify({ ...under("webhook"), "svix-id": "" })).toBe("signature_missing");
      expect(verify({ ...under("webhook"), "svix-timestamp": String(now) })).toBe("signature_missing");
    });

    it("signs under the one whose id is there", () => {
      const request = (name: string) => new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [name, "a"] });
      expect(Object.keys(scheme.sign!(request("webhook-id"), shared, { now }).headers)).toContain("webhook-signature");
      expect(Object.keys(scheme.sign!(request("svix-id"), shared, { now }).headers)).toContain("svix-signature");
    });
  });

  it("takes shared secrets of another form, and then no public keys", () => {
    const { secret, sign } = standardWebhooks({ secret: textSecret });
    expect(secret.parse(shared)).toEqual({ version: "v1", key: Buffer.from(shared) });
    expect(secret.parse(publicKey)).toEqual({ version: "v1", key: Buffer.from(publicKey) });
    expect(secret.byteLength(shared)).toBe(shared.length);
    const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: ["webhook-id", "a"] });
    expect(sign!(request, "whsk_AQID", { now }).headers["webhook-signature"]).toMatch(/^v1,/);
    expect(standardWebhooks({ secret: hexSecret }).secret.parse(shared)).toBeUndefined();
  });

  it("signs only with the id in place and a key of its form", () => {
    const { sign } = standardWebhooks();
    const request = (headers: Record<string, string>) =>
      new ReceiverRequest({ method: "POST", url: "/", rawHeaders: rawHeadersOf(headers) });
    expect(() => sign!(request({}), shared, { now })).toThrow(TypeError);
    expect(() => sign!(request({ "webhook-id": "a" }), "*", { now })).toThrow(TypeError);
    expect(() => sign!(request({ "webhook-id": "a" }), "whsk_AQID", { now })).toThrow(TypeError);
    expect(sign!(request({ "webhook-id": "a" }), shared, { now }).headers).toHaveProperty(
      "webhook-signature",
      expect.stringMatching(/^v1,/),
    );
  });
});
