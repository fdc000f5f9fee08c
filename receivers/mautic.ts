import { defineReceiver, hmac, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Mautic: HMAC-SHA256 of the body in `Webhook-Signature`, base64. The events are the names of the body's members that begin
 * with `mautic.` or hold a list, since a plugin's may be named otherwise.
 */
export const mautic = defineReceiver({
  name: "mautic",
  title: "Mautic",
  docs: "https://developer.mautic.org/#webhooks",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "In Mautic's settings under Webhooks: set the URL; the secret is on the same page.",
  secretName: "the webhook's secret",
  eventNames: "Names of members of the body, such as `mautic.lead_post_save_new`.",
  notes: ["Deliveries have no id and no signed time."],
  verify: hmac({ header: "Webhook-Signature", encoding: "base64" }),
  events: eventsOf,
  sample: (event) => (event === undefined ? {} : { body: { [event]: [{}] } }),
});

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => (name.startsWith("mautic.") || Array.isArray(value) ? [name] : []));
}
