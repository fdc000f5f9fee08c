import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Autotask PSA: HMAC-SHA1 of the body in `X-Hook-Signature`, base64 after `sha1=`. The event is entity and action, such as
 * `Ticket.Create`. The body's `Guid` names the webhook and not the delivery.
 */
export const autotask = defineReceiver({
  name: "autotask",
  title: "Autotask PSA",
  docs: "https://www.autotask.net/help/developerhelp/Content/APIs/Webhooks/SecretKeyPayloadVerification.htm",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Create the webhook by the REST API, with `webhookUrl` and a `secretKey` of your own.",
  secretName: "the webhook's `secretKey`",
  eventNames: "The body's `EntityType` and `Action`, such as `Ticket.Create`.",
  notes: ["Deliveries have no id that is known to be the same on a redelivery, and no signed time that is to be checked."],
  verify: hmac({ header: "X-Hook-Signature", hash: "sha1", encoding: "base64", signature: { form: "whole", prefix: "sha1=" } }),
  events: { joined: [{ body: "EntityType" }, { body: "Action" }] },
  sentAt: { from: { body: "EventTime" }, unit: "iso" },
});
