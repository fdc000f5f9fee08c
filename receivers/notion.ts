import { defineReceiver, fixedAnswer, hmac, type ReceiverRequest, unverifiedData, valuesAt } from "../src/receiver/index.ts";

/**
 * Notion: HMAC-SHA256 of the body with the verification token, which the first, unsigned request hands over; it is taken
 * only while a set-up window is open. The event is the body's `type`.
 */
export const notion = defineReceiver({
  name: "notion",
  title: "Notion",
  docs: "https://developers.notion.com/reference/webhooks",
  category: "productivity",
  confirmed: "library",
  setup:
    "Enter the URL under Webhooks in the settings of the connection, with a set-up window open here; then paste the token that came into Notion's Verify dialogue.",
  secretName: "the subscription's verification token",
  eventNames: "The body's `type`, such as `page.content_updated` or `comment.created`.",
  notes: [
    "Events name what changed and seldom how: read it with Notion's API.",
    "The request with the token is not signed. Whoever knows the URL can send one while the window is open, so compare the token with the one that Notion accepts.",
    "A webhook of a button or an automation is another feature and is not signed.",
  ],
  verify: hmac({ header: "X-Notion-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  retryNumber: ({ data }) => {
    const [attempt] = valuesAt(data, "attempt_number");
    return typeof attempt === "number" ? String(attempt - 1) : undefined;
  },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "workspace_id" },
  handshakes: [{ proof: "setup", method: "POST", offer: offeredToken }],
});

function offeredToken(request: ReceiverRequest) {
  const [token] = valuesAt(unverifiedData(request), "verification_token");
  if (typeof token !== "string" || request.headers.all("X-Notion-Signature").length > 0) return undefined;
  return { secret: token, answer: fixedAnswer(200) };
}
