import { defineReceiver, token } from "../src/receiver/index.ts";

/** Cisco Meraki: the receiver's shared secret in the body's `sharedSecret`. The event is `alertTypeId`, else `alertType`. */
export const ciscoMeraki = defineReceiver({
  name: "cisco-meraki",
  title: "Cisco Meraki",
  docs: "https://developer.cisco.com/meraki/webhooks/introduction/",
  category: "cloud and infrastructure",
  confirmed: "known",
  setup: "Under Network-wide, Alerts add an HTTPS receiver with the URL and a long random shared secret, then choose it for alerts.",
  secretName: "the HTTPS receiver's shared secret",
  eventNames: "The body's `alertTypeId`, such as `started_reporting`; where there is none, `alertType`: `Settings changed`.",
  notes: [
    "`sharedSecret`, `alertId` and the times are confirmed by the vendor's page of common parameters; `alertTypeId` is not on it.",
    "The secret is optional at Meraki, and alerts without it are refused. It proves nothing of the rest of the body, and handlers see it there.",
    "The payload template has to be Meraki's own: others leave the secret out. Test alerts may share one `alertId`.",
  ],
  verify: token({ field: "sharedSecret" }),
  events: { firstOf: [{ body: "alertTypeId" }, { body: "alertType" }] },
  deliveryId: { body: "alertId" },
  sentAt: { from: { body: "sentAt" }, unit: "iso" },
  account: { body: "organizationId" },
});
