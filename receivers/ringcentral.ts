import { defineReceiver, echoHeader, type Handshake, headerSetting, token, unverifiedData, valuesAt } from "../src/receiver/index.ts";

/**
 * RingCentral: the subscription's verification token in `Verification-Token`. The event is the body's `event`, a path of the
 * API. The `Validation-Token` of a request without an event, sent at creation and renewal, is sent back.
 */
export const ringcentral = defineReceiver({
  name: "ringcentral",
  title: "RingCentral",
  docs: "https://developers.ringcentral.com/guide/notifications/webhooks/creating-webhooks",
  category: "messaging and voice",
  confirmed: "documented",
  setup: "Create a subscription with the URL as `deliveryMode.address` and a long random `deliveryMode.verificationToken`.",
  secretName: "the subscription's `verificationToken`",
  eventNames: "The body's `event`, such as `/restapi/v1.0/account/123/extension/456/message-store`.",
  notes: [
    "The token is optional at RingCentral, and a subscription without one is refused. It proves nothing of the body.",
    "One page of the vendor calls the delivered token `Validation-Token`: set `header` if yours come so.",
    "An answer of more than 1,024 bytes, headers included, is refused at creation, and failing subscriptions are blacklisted.",
  ],
  settings: { header: headerSetting({ about: "The header of deliveries with the token.", default: "Verification-Token" }) },
  verify: ({ header }) => token({ header }),
  events: { body: "event" },
  deliveryId: { body: "uuid" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "ownerId" },
  handshakes: [validation()],
  timeLimitMs: 3_000,
});

/** A delivery is never taken for a validation, whatever its headers: it would not reach its handler. */
function validation(): Handshake {
  const echo = echoHeader("Validation-Token");
  return {
    proof: "none",
    method: "POST",
    answer: (request, keys) =>
      echo.proof === "none" && valuesAt(unverifiedData(request), "event").length === 0 ? echo.answer(request, keys) : undefined,
  };
}
