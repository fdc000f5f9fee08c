import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Samsara: HMAC-SHA256 of `v1`, time and body with a base64 key. The event is `eventType`, and the condition of an old alert behind it. */
export const samsara = defineReceiver({
  name: "samsara",
  title: "Samsara",
  docs: "https://developers.samsara.com/docs/webhooks",
  category: "health, mobility, devices",
  confirmed: "documented",
  setup: "Create the webhook under Settings, Webhooks or with the API; its secret key is shown with it.",
  secretName: "the webhook's secret key, base64",
  eventNames: "`eventType`, such as `AlertIncident`, `VehicleUpdated` or `Ping`; in Webhooks 1.0 `Alert.DeviceLocationInsideGeofence`.",
  verify: hmac({
    header: "X-Samsara-Signature",
    signature: { form: "whole", prefix: "v1=" },
    timestampHeader: "X-Samsara-Timestamp",
    signed: "v1:{timestamp}:{body}",
    key: "base64",
  }),
  events: { joined: [{ body: "eventType" }, { body: "event.alertConditionId" }] },
  deliveryId: { body: "eventId" },
  sentAt: { from: { header: "X-Samsara-Timestamp" }, unit: "seconds" },
  account: { body: "orgId" },
});
