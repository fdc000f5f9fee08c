import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * MongoDB Atlas alerts: HMAC-SHA1 of the body in `X-MMS-Signature`. The event is `X-MMS-Event` and the body's
 * `eventTypeName`: `alert.open.OUTSIDE_METRIC_THRESHOLD`.
 */
export const mongodbAtlas = defineReceiver({
  name: "mongodb-atlas",
  title: "MongoDB Atlas",
  docs: "https://www.mongodb.com/docs/atlas/tutorial/webhook-integration/",
  category: "cloud and infrastructure",
  confirmed: "verifier",
  setup: "Under the project's settings, Integrations, Webhook Settings, enter the URL and a secret.",
  secretName: "the webhook secret",
  eventNames: "`X-MMS-Event` and `eventTypeName` with a dot between them: `alert.open.NO_PRIMARY`, or `alert.open.*` for every kind.",
  notes: [
    "Atlas signs only where a secret is entered.",
    "`X-MMS-Event` is not signed; the body's `status` is.",
    "The body's `id` is the alert's, the same when it opens and when it closes, so a redelivery cannot be told from an update.",
  ],
  verify: hmac({ header: "X-MMS-Signature", hash: "sha1", encoding: "base64" }),
  events: { joined: [{ header: "X-MMS-Event" }, { body: "eventTypeName" }] },
  sentAt: { from: { firstOf: [{ body: "updated" }, { body: "created" }] }, unit: "iso" },
  account: { body: "groupId" },
});
