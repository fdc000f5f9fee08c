import { defineReceiver, token, type VerifiedRequest } from "../src/receiver/index.ts";

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
  events: eventsOf,
  deliveryId: { header: "Idempotency-Key" },
  sample: (event) => (event === undefined ? {} : { query: { event } }),
});

function eventsOf({ request }: VerifiedRequest): string | readonly string[] {
  const named = [request.query.getAll("event"), request.query.getAll("action")];
  return named.map((values) => values.filter((value) => value !== "")).find((values) => values.length > 0) ?? "change";
}
