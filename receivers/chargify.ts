import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Chargify, now Maxio Advanced Billing: HMAC-SHA256 of the body, a form or JSON, with the site's shared key. The older MD5
 * header alone is refused. Fields keep their names, such as `payload[subscription][id]`.
 */
export const chargify = defineReceiver({
  name: "chargify",
  title: "Maxio (Chargify)",
  docs: "https://docs.maxio.com/hc/en-us/articles/24266136649869-Webhooks-Reference",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Under Config, Settings, Webhooks, add the URL; the site's shared key is on the page of the site's keys.",
  secretName: "the site's shared key",
  eventNames: "The field `event`, such as `signup_success` or `payment_failure`.",
  notes: ["Times inside the payload are in US Eastern time."],
  verify: hmac({ header: "X-Chargify-Webhook-Signature-Hmac-Sha-256" }),
  body: { kinds: ["form", "json"] },
  events: { body: "event" },
  deliveryId: { firstOf: [{ body: "id" }, { header: "X-Chargify-Webhook-Id" }] },
  account: { firstOf: [{ body: "payload[site][subdomain]" }, { body: "payload.site.subdomain" }] },
  timeLimitMs: 15_000,
});
