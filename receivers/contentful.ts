import { defineReceiver, failed, hmac, pathOf, type ReceiverRequest, type SignedAlternatives } from "../src/receiver/index.ts";

/**
 * Contentful: HMAC-SHA256 of a canonical request: method, path, the headers that `x-contentful-signed-headers` lists, and body, 30
 * seconds valid. The event is `X-Contentful-Topic`.
 */
export const contentful = defineReceiver({
  name: "contentful",
  title: "Contentful",
  docs: "https://www.contentful.com/developers/docs/webhooks/request-verification/",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup: "Under Settings, Webhooks, Settings of the space choose Enable request verification; the signing secret is shown once.",
  secretName: "the space's signing secret, 64 characters",
  eventNames: "`X-Contentful-Topic`, such as `ContentManagement.Entry.publish`.",
  notes: [
    "Path and query are signed, so the path in front of a proxy has to be the same, or given by `publicUrl`.",
    "Time and list of headers have to be among the signed headers. Whether the topic is, Contentful does not promise: compare it with the body's `sys`.",
    "The signed time is valid for 30 seconds only, as in Contentful's own library: keep the clock right.",
  ],
  verify: hmac({
    header: "x-contentful-signature",
    timestampHeader: "x-contentful-timestamp",
    timeUnit: "milliseconds",
    tolerance: { pastSeconds: 30, futureSeconds: 30 },
    signed: { coversBody: true, coversUrl: true, headers: ["x-contentful-signed-headers"], read: canonicalRequests },
  }),
  secretBytes: { min: 64, max: 64 },
  events: { header: "X-Contentful-Topic" },
  deliveryId: { header: "X-Contentful-Idempotency-Key" },
  account: { body: "sys.space.sys.id" },
  safeHeaders: ["X-Contentful-Webhook-Name", "X-Contentful-CRN"],
  sample: () => ({ headers: { "x-contentful-signed-headers": "x-contentful-signed-headers,x-contentful-timestamp" } }),
});

function canonicalRequests({ method, url, headers, body }: ReceiverRequest): SignedAlternatives {
  const names = (headers.get("x-contentful-signed-headers") ?? "").split(",", maxHeaders + 1);
  if (!["x-contentful-signed-headers", "x-contentful-timestamp"].every((name) => names.includes(name)) || names.length > maxHeaders)
    return failed("signed_part_missing", "The signed headers lack x-contentful-timestamp or their own list, or are too many.");
  const lines = names.map((name) => `${name}:${headers.get(name)?.trim()}`);
  if (names.some((name) => headers.get(name) === undefined))
    return failed("signed_part_missing", "A header that is listed as signed is missing or repeated.");
  const texts = [...new Set([normalized(pathOf(url)), pathOf(url)])];
  return { alternatives: texts.map((path) => [`${method}\n${path}\n${lines.join(";")}\n`, body]) };
}

/** As Contentful's own library writes a path: encoded once more, its query twice. Documented is the path as it is, so either will do. */
function normalized(path: string): string {
  const [pathname = "", query = ""] = path.split(/\?(.*)/s);
  return encodeURI(query === "" ? pathname : `${pathname}?${encodeURIComponent(query)}`);
}

const maxHeaders = 32;
