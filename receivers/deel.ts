import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Deel: HMAC-SHA256 of the word `POST` and the body. The event is `data.meta.event_type`. */
export const deel = defineReceiver({
  name: "deel",
  title: "Deel",
  docs: "https://developer.deel.com/docs/webhooks-get-started",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "Create the webhook in the Developer Center of Deel, under Webhooks; the signing key is shown with it.",
  secretName: "the webhook's signing key",
  eventNames: "`data.meta.event_type`, such as `contract.created`.",
  notes: ["No time and no delivery id is signed, so that a replay is not recognized: make handlers safe to run twice."],
  verify: hmac({ header: "x-deel-signature", signed: "POST{body}" }),
  events: { body: "data.meta.event_type" },
  account: { body: "data.meta.organization_id" },
});
