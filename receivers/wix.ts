import { defineReceiver, jwt, jwtClaims, RequestError, textAt, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Wix: the body is an RS256 token, whose claim `data` is JSON in a string, with JSON in a string inside. Handlers see it
 * unwrapped: `eventType`, `instanceId` and `data`. The event is `eventType`.
 */
export const wix = defineReceiver({
  name: "wix",
  title: "Wix",
  docs: "https://dev.wix.com/docs/build-apps/develop-your-app/api-integrations/events-and-webhooks/about-webhooks",
  category: "commerce",
  confirmed: "library",
  setup: "In the app's dashboard under Develop, Webhooks, create a webhook with this URL; Get Public Key shows the key.",
  secretName: "the app's public key, as PEM",
  eventNames: "`eventType`, such as `wix.ecom.v1.order_approved` or `AppInstalled`.",
  notes: [
    "The token's `exp` is checked where there is one. The key is the app's own, so nothing else ties the token to it.",
    "The delivery id is the event's, which some older webhooks lack.",
  ],
  verify: jwt({ from: "body", algorithms: ["RS256"], key: "publicKey" }),
  body: "any",
  data: unwrap,
  events: ({ data }) => textAt(data, "eventType"),
  deliveryId: ({ data }) => textAt(data, "data.id"),
  sentAt: { from: { body: "data.eventTime" }, unit: "iso" },
  account: { body: "instanceId" },
  sample: (eventType, id) => ({ body: { data: JSON.stringify({ eventType, data: JSON.stringify({ id }) }) } }),
});

function unwrap({ request }: VerifiedRequest): unknown {
  const outer = parsed(jwtClaims(request.body.toString("latin1"))["data"]);
  if (typeof outer !== "object" || outer === null || !("eventType" in outer))
    throw new RequestError("malformed_body", "The token's `data` is not an event.");
  return "data" in outer ? { ...outer, data: parsed(outer.data) } : outer;
}

/** JSON in a string; what is none stays as it is, as in older webhooks. */
function parsed(text: unknown): unknown {
  if (typeof text !== "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
