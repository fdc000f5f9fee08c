import { defineReceiver, echo, type HandshakeOutcome, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Twitch EventSub: HMAC-SHA256 of message id, time and body. The event is the subscription's type in the signed body, or `revocation`
 * where Twitch has ended the subscription. The challenge of a new subscription is answered after the proof.
 */
export const twitch = defineReceiver({
  name: "twitch",
  title: "Twitch EventSub",
  docs: "https://dev.twitch.tv/docs/eventsub/handling-webhook-events/",
  category: "social, media and creators",
  confirmed: "library",
  setup:
    "Create the subscription with `POST /helix/eventsub/subscriptions` and give `transport.secret` a text of your own, 10 to 100 ASCII characters.",
  secretName: "the subscription's `transport.secret`",
  eventNames: "`subscription.type`, such as `channel.follow` or `stream.online`; `revocation`, with the reason in `subscription.status`.",
  notes: [
    "The kind of a message is read from the signed body, not from `Twitch-Eventsub-Message-Type`, which is not signed.",
    "Twitch waits a few seconds only, and revokes a subscription that is answered too slowly too often.",
  ],
  verify: hmac({
    header: "Twitch-Eventsub-Message-Signature",
    signature: { form: "whole", prefix: "sha256=" },
    timestampHeader: "Twitch-Eventsub-Message-Timestamp",
    timeUnit: "iso",
    tolerance: { pastSeconds: 600, futureSeconds: 60 },
    signed: "{header:Twitch-Eventsub-Message-Id}{timestamp}{body}",
  }),
  secretBytes: { min: 10, max: 100 },
  events: eventOf,
  deliveryId: { header: "Twitch-Eventsub-Message-Id" },
  retryNumber: { header: "Twitch-Eventsub-Message-Retry" },
  sentAt: { from: { header: "Twitch-Eventsub-Message-Timestamp" }, unit: "iso" },
  account: { body: "subscription.condition.broadcaster_user_id" },
  safeHeaders: ["Twitch-Eventsub-Message-Type", "Twitch-Eventsub-Subscription-Type", "Twitch-Eventsub-Subscription-Version"],
  handshakes: [{ proof: "scheme", method: "POST", answer: challengeAnswer }],
  refusal: { status: 403 },
  sample: (event) => ({ body: { subscription: event === undefined ? {} : { type: event }, event: {} } }),
});

function eventOf({ data }: VerifiedRequest): string | undefined {
  const [type] = valuesAt(data, "subscription.type");
  if (typeof type !== "string") return undefined;
  const hasEvent = valuesAt(data, "event").length + valuesAt(data, "events").length > 0;
  return hasEvent ? type : "revocation";
}

function challengeAnswer({ data }: VerifiedRequest): HandshakeOutcome {
  const [challenge] = valuesAt(data, "challenge");
  return challenge === undefined ? undefined : echo(challenge);
}
