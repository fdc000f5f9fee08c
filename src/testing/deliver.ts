import { RequestError } from "../errors.ts";
import type { WebhookResponse } from "../pipeline/index.ts";
import { defaultId, rawHeadersOf } from "../receiver/index.ts";
import type { Webhooks } from "../webhooks.ts";
import { defaultPrefix } from "../webhooks-options.ts";

/** A request as `signRequest` makes it. */
export interface TestRequest {
  readonly method: string;
  /** Absolute URL; its last one or two segments below the prefix name receiver and id. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string | Uint8Array;
}

/** How to deliver. */
export interface DeliverOptions {
  /** Path below which receivers stand. Default `/api/webhooks/incoming`. */
  readonly prefix?: string;
  /** Whether the request counts as sent over TLS. Default true. */
  readonly secure?: boolean;
}

/**
 * Runs a request through everything but the socket: route, method, secrets, proof, parsing, deduplication and handlers.
 * Answers what the provider would be answered.
 */
export async function deliver(webhooks: Webhooks, request: TestRequest, options: DeliverOptions = {}): Promise<Required<WebhookResponse>> {
  const { prefix = defaultPrefix, secure = true } = options;
  const path = new URL(request.url).pathname;
  const [receiver = "", id = defaultId, ...rest] = path
    .slice(prefix.length + 1)
    .split("/")
    .filter((segment) => segment !== "")
    .map(decodeURIComponent);
  if (!path.toLowerCase().startsWith(`${prefix.toLowerCase()}/`) || rest.length > 0) {
    throw new TypeError(`deliver: the path ${path} is not ${prefix}/<receiver> or ${prefix}/<receiver>/<id>.`);
  }
  const body = Buffer.from(request.body ?? "");
  return webhooks.receive({
    receiver: receiver.toLowerCase(),
    id: id.toLowerCase(),
    method: request.method.toUpperCase(),
    url: request.url,
    rawHeaders: rawHeadersOf(request.headers),
    secure,
    readBody: async (maxBytes) => {
      if (body.length > maxBytes) throw new RequestError("too_large");
      return body;
    },
  });
}
