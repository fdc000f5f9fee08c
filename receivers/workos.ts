import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** WorkOS: HMAC-SHA256 of time in milliseconds and body, three minutes valid. The event is the body's `event`. */
export const workos = defineReceiver({
  name: "workos",
  title: "WorkOS",
  docs: "https://workos.com/docs/events/data-syncing/webhooks",
  category: "identity and HR",
  confirmed: "library",
  setup: "Add an endpoint under Webhooks on the dashboard; its secret is shown with its details.",
  secretName: "the endpoint's secret",
  eventNames: "The body's `event`, such as `dsync.user.created` or `connection.activated`.",
  notes: ["WorkOS's own library hashes the parsed body written anew; here the bytes are hashed as they came, which WorkOS sends alike."],
  verify: hmac({
    header: "WorkOS-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
    timeUnit: "milliseconds",
    tolerance: { pastSeconds: 180, futureSeconds: 60 },
  }),
  events: { body: "event" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
