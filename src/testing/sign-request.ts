import { randomUUID } from "node:crypto";
import { type Receiver, ReceiverRequest, rawHeadersOf } from "../receiver/index.ts";
import { type BodyValue, contentTypeOf, encodeBody } from "./encode-body.ts";
import { placeParts } from "./place-parts.ts";

/** What {@link signRequest} signs. */
export interface SignRequestOptions {
  /** The configured secret; for receivers with public keys, the private key. */
  readonly secret: string;
  /** Put where the receiver reads it, unless `body` is text or bytes and the receiver reads it there. */
  readonly event?: string;
  /** Put where the receiver reads it. Default: a random UUID, unless the body has one. */
  readonly deliveryId?: string;
  /** Text and bytes go out as they are; an object as compact JSON, or as form fields where the receiver reads forms. */
  readonly body?: BodyValue;
  /** Default: `https://example.test/api/webhooks/incoming/<receiver>`. */
  readonly url?: string;
  /** Override what the event and the delivery id put into headers; the proof overrides them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the one of the first kind of body that the receiver reads. */
  readonly contentType?: string;
  /** Default: the receiver's first. With GET, an object body becomes query parameters. */
  readonly method?: string;
  /** The signed time. Default: now. */
  readonly now?: Date;
}

/** A request as plain values, ready for any HTTP client. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/**
 * Makes a request that the receiver accepts, signed as the provider signs. Where a receiver finds its event by a function
 * and declares no `sample`, give a complete `body` and `headers` instead of `event`.
 *
 * @throws TypeError if the receiver's scheme cannot sign, or the secret is not one of its form.
 * @example await fetch(url, signRequest(github, { secret, event: "push", body: { ref: "refs/heads/main" } }));
 */
export function signRequest(receiver: Receiver, options: SignRequestOptions): SignedRequest {
  const { verify } = receiver;
  if (!verify.sign) throw new TypeError(`signRequest: only ${receiver.title} itself can sign its requests.`);
  const { secret, now = new Date(), method = receiver.methods[0] ?? "POST", deliveryId = randomUUID() } = options;
  const placed = placeParts(receiver, { ...options, deliveryId, keepsId: options.deliveryId === undefined });
  const chosen = {
    ...placed.headers,
    ...lowerCase(options.headers),
    ...(options.contentType === undefined ? {} : { "content-type": options.contentType }),
  };
  const base = withQuery(options.url ?? `https://example.test/api/webhooks/incoming/${receiver.name}`, placed.query);
  const isGet = method === "GET";
  const url = isGet ? withQuery(base, placed.body) : base;
  const headers = isGet ? chosen : { "content-type": contentTypeOf(receiver.body), ...chosen };
  const wrapped = placed.headers["content-type"] === undefined;
  const body = isGet
    ? Buffer.alloc(0)
    : encodeBody(placed.body, headers["content-type"], wrapped ? receiver.body : { kinds: receiver.body.kinds });
  const request = new ReceiverRequest({ method, url, rawHeaders: rawHeadersOf(headers), body, bodyRule: receiver.body });
  const signed = verify.sign(request, secret, { now: now.getTime() / 1000 });
  return { method, url: signed.url ?? url, headers: { ...headers, ...lowerCase(signed.headers) }, body: signed.body ?? body };
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function withQuery(url: string, parameters: BodyValue | undefined): string {
  if (parameters === undefined || typeof parameters === "string" || Buffer.isBuffer(parameters)) return url;
  const added = new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])).toString();
  return added === "" ? url : `${url}${url.includes("?") ? "&" : "?"}${added}`;
}
