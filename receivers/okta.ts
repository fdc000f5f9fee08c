import { defineReceiver, echoJson, headerSetting, token } from "../src/receiver/index.ts";

/**
 * Okta, event and inline hooks: a secret of your own in a header. It says nothing of the body. The events are the `eventType` of each
 * item, or the one of an inline hook. The GET that checks the URL is answered.
 */
export const okta = defineReceiver({
  name: "okta",
  title: "Okta",
  docs: "https://developer.okta.com/docs/concepts/event-hooks/",
  category: "identity and HR",
  confirmed: "known",
  setup:
    "Under Workflow, Event hooks, create one with this URL, the authentication field `Authorization` and a secret of your own; then verify it.",
  secretName: "the authentication secret, the whole value of the header",
  eventNames:
    "Each item's `eventType`, such as `user.session.start`; of an inline hook its own, such as `com.okta.oauth2.tokens.transform`.",
  notes: [
    "The header does not cover the body.",
    "Okta waits 3 seconds and tries once more. Many events may come together; a retry keeps `eventId`.",
    "An inline hook wants an answer with commands, which a handler sets.",
    "Confirmed by okta/okta-developer-docs, `concepts/event-hooks`.",
  ],
  settings: { header: headerSetting({ about: "The authentication field that was entered at Okta.", default: "Authorization" }) },
  verify: ({ header }) => token({ header }),
  events: { firstOf: [{ body: "data.events.*.eventType" }, { body: "eventType" }] },
  deliveryId: { body: "eventId" },
  sentAt: { from: { body: "eventTime" }, unit: "iso" },
  account: { body: "source" },
  handshakes: [
    {
      proof: "none",
      method: "GET",
      answer: ({ headers }) => echoJson("verification", headers.get("X-Okta-Verification-Challenge")),
    },
  ],
  timeLimitMs: 3_000,
});
