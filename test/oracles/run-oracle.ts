import { ConfigurationError } from "../../src/errors.ts";
import { type Receiver, ReceiverRequest, rawHeadersOf, type Verification } from "../../src/receiver/index.ts";
import type { RemoteDocuments } from "../../src/receiver/remote.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { signRequest } from "../../src/testing/sign-request.ts";
import type { Oracle, Sent, SignedBy } from "./oracle.ts";

const deliveryId = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";

/** The request that the package signs, or that is signed by hand where it only verifies. */
export async function signedByPackage(oracle: Oracle, body: string, now: number): Promise<Sent> {
  const { url = defaultUrl(oracle), method = "POST" } = oracle;
  const sample = { url, body, secret: signingSecretOf(oracle), now, deliveryId };
  const signed: SignedBy = (oracle.sign ? await oracle.sign(sample) : oracle.compute?.(sample)) ?? {};
  const headers = { "content-type": oracle.contentType ?? "application/json", ...oracle.headers, ...signed.headers };
  return { method: signed.method ?? method, url: signed.url ?? url, headers, body: Buffer.from(signed.body ?? body) };
}

/** The request that our own side signs. */
export function signedByUs(receiver: Receiver, oracle: Oracle, body: string, now: number): Sent {
  return signRequest(receiver, {
    secret: signingSecretOf(oracle),
    url: oracle.url ?? defaultUrl(oracle),
    method: oracle.method ?? "POST",
    contentType: oracle.contentType ?? "application/json",
    headers: oracle.headers ?? {},
    body,
    deliveryId,
    now: new Date(now * 1000),
  });
}

/** What the receiver makes of a request. */
export async function verifiedByUs(receiver: Receiver, { secret, published = {} }: Oracle, sent: Sent, now: number): Promise<Verification> {
  const key: unknown = receiver.verify.secret.parse(secret);
  if (key === undefined) throw new Error(`The receiver wants ${receiver.verify.secret.description}.`);
  const request = new ReceiverRequest({ ...sent, rawHeaders: rawHeadersOf(sent.headers), bodyRule: receiver.body });
  return verifyRequest(receiver.verify, request, [key], { now, remote: documentsOf(published) });
}

/** Whether the package accepts a request. It may refuse by an error. */
export async function acceptedByPackage({ accepts, secret }: Oracle, sent: Sent): Promise<boolean> {
  try {
    return Boolean(await accepts?.(sent, secret));
  } catch {
    return false;
  }
}

/** A request of which something is changed that the proof covers. */
export function tampered({ tamper }: Oracle, sent: Sent): Sent {
  return tamper?.(sent) ?? { ...sent, body: Buffer.from(sent.body.toString("latin1").replace("a.b", "a.c"), "latin1") };
}

function signingSecretOf({ signingSecret, secret }: Oracle): string {
  return signingSecret ?? secret;
}

function defaultUrl({ slug }: Oracle): string {
  return `https://example.test/api/webhooks/incoming/${slug}?shop=1`;
}

function documentsOf(published: Readonly<Record<string, string>>): RemoteDocuments {
  return {
    async load(document) {
      const text = published[document.url];
      if (text === undefined) throw new ConfigurationError("invalid_receiver", `Nothing is published at ${document.url}.`);
      return document.parse({ headers: {}, body: Buffer.from(text) });
    },
  };
}
