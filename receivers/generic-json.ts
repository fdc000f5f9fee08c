import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * Any sender of JSON that can be given a secret of your own, in the header `x-webhook-secret` or, where it cannot send
 * headers, in the URL as `?code=…`. The query names the event as `event` or `action`, else it is `change`.
 */
export const genericJson = defineReceiver({
  name: "generic-json",
  aliases: ["genericjson"],
  title: "Generic JSON",
  docs: "https://www.rfc-editor.org/rfc/rfc8259",
  category: "standards",
  confirmed: "known",
  setup:
    "At the sender, enter the URL, and the header `x-webhook-secret: <secret>` or, where it has none, `?code=<secret>` behind the URL.",
  secretName: "a secret of your own",
  eventNames: "`event` or `action` in the query, else `change`.",
  notes: ["The proof says nothing about the body. Where the sender can sign, declare a receiver of its own."],
  verify: token({ header: "x-webhook-secret", parameter: "code" }),
  secretBytes: { min: 32 },
  events: { firstOf: [{ query: "event" }, { query: "action", otherwise: "change" }] },
  // A function, since few senders have an id: without one, two deliveries that are the same are two.
  deliveryId: ({ request }) => request.headers.get("Idempotency-Key"),
  safeHeaders: ["Idempotency-Key"],
  sample: (_event, deliveryId) => ({ headers: { "Idempotency-Key": deliveryId } }),
});
