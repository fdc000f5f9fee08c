import { createHash } from "node:crypto";
import {
  checkTimestamp,
  defineReceiver,
  failed,
  hmac,
  type LocalScheme,
  type TimeUnit,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

const signed = hmac({
  header: "Klaviyo-Signature",
  timestampHeader: "Klaviyo-Timestamp",
  timeUnit: "http-date",
  tolerance: "unchecked",
  signed: "{body}{timestamp}",
});
const tolerance = { pastSeconds: 300, futureSeconds: 60 };

/**
 * HMAC over the body and `Klaviyo-Timestamp`, whatever its form; then the time that counts is the body's `meta.timestamp`,
 * and the body must name the webhook that the header names.
 */
const verify: LocalScheme<Buffer> = {
  ...signed,
  toleranceSeconds: tolerance.pastSeconds,
  verify(request, keys, context) {
    const proof = signed.verify(request, keys, context);
    if (!proof.verified) return proof;
    const data = parse(request.body);
    const [webhook] = valuesAt(data, "meta.klaviyo_webhook_id");
    if (webhook !== undefined && webhook !== request.headers.get("Klaviyo-Webhook-Id"))
      return failed("claim_mismatch", "`Klaviyo-Webhook-Id` is not the webhook that the body names.");
    const time = String(valuesAt(data, "meta.timestamp")[0] ?? request.headers.get("Klaviyo-Timestamp"));
    return checkTimestamp(time, tolerance, context, unitOf(time)) ?? proof;
  },
};

/** Klaviyo, system webhooks: HMAC-SHA256 of body and time in `Klaviyo-Signature`. The body's `data` is a list of events with a `topic`. */
export const klaviyo = defineReceiver({
  name: "klaviyo",
  title: "Klaviyo",
  docs: "https://developers.klaviyo.com/en/docs/system-webhooks",
  category: "e-mail and marketing",
  confirmed: "documented",
  setup: "Create the webhook with the Webhooks API, with a secret key of your own of 16 characters or more.",
  secretName: "the webhook's secret key",
  eventNames: "Each item's `topic`, such as `event:klaviyo.opened_email`. A delivery may carry 1,000.",
  notes: [
    "Public code knows `Klaviyo-Timestamp` as an HTTP date (in one place hours off), as ISO 8601 and as a number. It is signed as it is; what is checked is the signed `meta.timestamp`, and the header only where the body has none.",
    "Webhooks of flows are not signed and are refused.",
    "Klaviyo gives events ids and deliveries none; the delivery id is made of the ids of its events.",
  ],
  verify,
  events: { body: "data.*.topic" },
  deliveryId: deliveryIdOf,
  sentAt: { from: { body: "meta.timestamp" }, unit: "iso" },
  account: { body: "meta.klaviyo_account_id" },
  safeHeaders: ["Klaviyo-Webhook-Id"],
  sample: (_event, deliveryId) => ({ body: { data: [{ external_id: deliveryId }] } }),
});

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const ids = valuesAt(data, "data.*.external_id").filter((id) => typeof id === "string");
  return ids.length < 2 ? ids[0] : createHash("sha256").update(JSON.stringify(ids)).digest("hex");
}

function unitOf(time: string): TimeUnit {
  if (/^\d+$/.test(time)) return "seconds-or-milliseconds";
  return time.endsWith("GMT") ? "http-date" : "iso";
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
