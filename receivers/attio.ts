import { answerWhenEmpty, defineReceiver, hmac } from "../src/receiver/index.ts";

/** Attio: HMAC-SHA256 of the body in `Attio-Signature`. One request may carry several events; a request without any is answered. */
export const attio = defineReceiver({
  name: "attio",
  title: "Attio",
  docs: "https://docs.attio.com/rest-api/guides/webhooks",
  category: "support and CRM",
  confirmed: "documented",
  setup: "In Attio's developer settings, in the integration under Webhooks, or with `POST /v2/webhooks`; the secret is shown on creation.",
  secretName: "the webhook's secret",
  eventNames: "`event_type` of each event, such as `record.created`.",
  notes: [
    "Attio repeats the signature in `X-Attio-Signature` for older software; only the first header counts here.",
    "`Idempotency-Key` is not signed, and neither is a time.",
  ],
  verify: hmac({ header: "Attio-Signature" }),
  events: { body: "events.*.event_type" },
  deliveryId: { header: "Idempotency-Key" },
  account: { body: "events.*.id.workspace_id" },
  handshakes: [answerWhenEmpty("events")],
});
