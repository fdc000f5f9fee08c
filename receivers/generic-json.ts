import { defineReceiver, token, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Any sender of JSON that can be given a secret of your own, in the header `x-webhook-secret` or, where it cannot send
 * headers, in the URL as `?code=…`. The query names the event as `event` or `action`, else it is `change`.
 */
export const genericJson = defineReceiver({
  name: "generic-json",
  title: "Generic JSON",
  docs: "https://www.rfc-editor.org/rfc/rfc8259",
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
