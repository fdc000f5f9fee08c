import { answerWhenEmpty, defineReceiver, hmac, type ReceiverRequest } from "../src/receiver/index.ts";

/**
 * Asana: HMAC-SHA256 of the body in `X-Hook-Signature`. The first request of a webhook brings its secret in `X-Hook-Secret`
 * and is taken only in a set-up window. Events are resource and action, such as `task.changed`; a heartbeat has none.
 */
export const asana = defineReceiver({
  name: "asana",
  title: "Asana",
  docs: "https://developers.asana.com/docs/webhooks-guide",
  category: "productivity",
  confirmed: "verifier",
  setup:
    "Open the set-up window, then create the webhook with `POST /webhooks`, giving `resource` and `target`: Asana hands over the secret.",
  secretName: "the secret of the webhook, from `X-Hook-Secret`; one for each webhook",
  eventNames: "`resource.resource_type` and `action` of each event, such as `task.changed` or `story.added`.",
  notes: [
    "Deliveries have no id and no signed time, and may repeat an event.",
    "Asana sends a heartbeat when a webhook is made and every eight hours.",
  ],
  verify: hmac({ header: "X-Hook-Signature" }),
  events: { each: "events.*", joined: ["resource.resource_type", "action"] },
  sentAt: { from: { body: "events.*.created_at" }, unit: "iso" },
  handshakes: [{ proof: "setup", method: "POST", offer: offerOf }, answerWhenEmpty("events")],
  timeLimitMs: 10_000,
});

/** A secret only beside no signature: a signed request is a delivery, whatever else it carries. */
function offerOf({ headers }: ReceiverRequest) {
  const secret = headers.get("X-Hook-Secret");
  if (secret === undefined || !/^[\x21-\x7e]{16,256}$/.test(secret) || headers.all("X-Hook-Signature").length > 0) return undefined;
  return { secret, answer: { status: 200, headers: { "x-hook-secret": secret }, body: "" } };
}
