import { answerWhen, defineReceiver, fixedAnswer, hmac } from "../src/receiver/index.ts";

/**
 * Greenhouse: HMAC-SHA256 of the body in `Signature`, after `sha256` and a blank. The event is the body's `action`. A ping is answered
 * and reaches no handler.
 */
export const greenhouse = defineReceiver({
  name: "greenhouse",
  title: "Greenhouse",
  docs: "https://developers.greenhouse.io/webhooks.html",
  category: "identity and HR",
  confirmed: "known",
  setup: "Under Configure, Dev center, Webhooks, create one with this URL and a secret key; Greenhouse pings the URL at once.",
  secretName: "the webhook's secret key",
  eventNames: "The body's `action`, such as `candidate_hired` or `new_candidate_application`.",
  notes: [
    "No time is signed, and the delivery id stands in a header that is not.",
    "The signed bytes hold some characters as `\\u` escapes; they are verified as they came.",
    "Anything but 200 is tried again, seven times in 15 hours. A webhook whose ping fails is disabled.",
    "Confirmed by grnhse/greenhouse-api-docs.",
  ],
  verify: hmac({ header: "Signature", signature: { form: "whole", prefix: "sha256 " } }),
  events: { body: "action" },
  deliveryId: { header: "Greenhouse-Event-ID" },
  handshakes: [answerWhen("action", "ping", () => fixedAnswer(200))],
});
