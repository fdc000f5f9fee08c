import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Jobber: HMAC-SHA256 of the body with the OAuth client secret in `X-Jobber-Hmac-SHA256`, base64. The event is the topic in the body. */
export const jobber = defineReceiver({
  name: "jobber",
  title: "Jobber",
  docs: "https://developer.getjobber.com/docs/using_jobbers_api/setting_up_webhooks",
  category: "support and CRM",
  confirmed: "documented",
  setup: "In Jobber's Developer Center, in the app under Webhooks: set the URL for each topic; the client secret is on the app's page.",
  secretName: "the app's OAuth client secret",
  eventNames: "`data.webHookEvent.topic`, such as `CLIENT_CREATE`.",
  notes: ["Deliveries have no id and no signed time. Jobber spells the time `occuredAt` in older versions of its API."],
  verify: hmac({ header: "X-Jobber-Hmac-SHA256", encoding: "base64" }),
  events: { body: "data.webHookEvent.topic" },
  sentAt: { from: { firstOf: [{ body: "data.webHookEvent.occurredAt" }, { body: "data.webHookEvent.occuredAt" }] }, unit: "iso" },
  account: { body: "data.webHookEvent.accountId" },
});
