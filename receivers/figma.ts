import { answerWhen, defineReceiver, fixedAnswer, token } from "../src/receiver/index.ts";

/**
 * Figma webhooks V2: the webhook's passcode in the body's `passcode`. The event is the body's `event_type`. The `PING` that
 * follows creation is answered and reaches no handler.
 */
export const figma = defineReceiver({
  name: "figma",
  title: "Figma",
  docs: "https://developers.figma.com/docs/rest-api/webhooks-security",
  category: "productivity",
  confirmed: "verifier",
  setup: "Create a webhook by the REST API with the URL as `endpoint` and a long random `passcode`.",
  secretName: "the webhook's `passcode`",
  eventNames: "The body's `event_type`: `FILE_UPDATE`, `FILE_COMMENT`, `FILE_VERSION_UPDATE`, `LIBRARY_PUBLISH`.",
  notes: [
    "The passcode proves nothing of the rest of the body, and handlers and queues see it there: fetch the file through the API.",
    "There is no delivery id: a published library gives several deliveries with one `webhook_id` and one `timestamp`.",
    "Figma suggests 400 for a wrong passcode, which stops the webhook at once. It is refused with 401, so that a slip can be mended.",
  ],
  verify: token({ field: "passcode" }),
  secretBytes: { max: 100 },
  events: { body: "event_type" },
  retryNumber: { body: "retries" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  handshakes: [answerWhen("event_type", "PING", () => fixedAnswer(200))],
});
