import { defineReceiver, fixedAnswer, hmac, type ReceiverRequest, unverifiedData, valuesAt } from "../src/receiver/index.ts";

/**
 * MailerSend: HMAC-SHA256 of the body in `Signature`. The event is the body's `type`. The ping `webhook.test`, without whose
 * answer a webhook cannot be saved, is signed with a key that everybody knows; it is answered and believed in nothing.
 */
export const mailersend = defineReceiver({
  name: "mailersend",
  title: "MailerSend",
  docs: "https://developers.mailersend.com/api/v1/webhooks.html",
  category: "e-mail and marketing",
  confirmed: "library",
  setup: "In MailerSend, on the domain's page under Webhooks: add the URL; the signing secret is shown there.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `activity.delivered`.",
  notes: [
    "MailerSend pings the URL before it makes the secret: until then, configure a random text of at least 16 characters in its place.",
    "Deliveries have no id and no signed time.",
  ],
  verify: hmac({ header: "Signature" }),
  events: { body: "type" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "domain_id" },
  handshakes: [{ proof: "none", method: "POST", answer: (request) => (isPing(request) ? fixedAnswer(200) : undefined) }],
});

/** The length first, so that no stranger has a long body parsed. */
function isPing(request: ReceiverRequest): boolean {
  return request.body.length < 500 && valuesAt(unverifiedData(request), "type")[0] === "webhook.test";
}
