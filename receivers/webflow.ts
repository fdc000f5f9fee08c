import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Webflow: HMAC-SHA256 of time in milliseconds, a colon and the body. The event is the body's `triggerType`. */
export const webflow = defineReceiver({
  name: "webflow",
  title: "Webflow",
  docs: "https://developers.webflow.com/data/docs/working-with-webhooks",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup:
    "Create the webhook with the API or under Apps & integrations of the site. With an OAuth app the secret is its client secret; with a site token it is the `secretKey` that the creation answers.",
  secretName: "the app's client secret, or the webhook's secret key",
  eventNames: "The body's `triggerType`, such as `form_submission`, `collection_item_changed` or `site_publish`.",
  notes: [
    "There is no delivery id: `payload.id` names the item, and a later change of the same item has it again.",
    "Webhooks that are created on the dashboard are not signed, and refused.",
  ],
  verify: hmac({
    header: "x-webflow-signature",
    timestampHeader: "x-webflow-timestamp",
    signed: "{timestamp}:{body}",
    timeUnit: "milliseconds",
  }),
  events: { body: "triggerType" },
  account: { body: "payload.siteId" },
});
