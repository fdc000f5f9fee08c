import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** ElevenLabs: HMAC-SHA256 of time and body, valid for 30 minutes. The event is the body's `type`. */
export const elevenlabs = defineReceiver({
  name: "elevenlabs",
  title: "ElevenLabs",
  docs: "https://elevenlabs.io/docs/product-guides/administration/webhooks",
  category: "AI",
  confirmed: "library",
  setup: "Create the webhook in the workspace's settings under Webhooks; the shared secret is shown once, when it is created.",
  secretName: "the webhook's shared secret",
  eventNames: "The body's `type`, such as `post_call_transcription` or `speech_to_text_transcription`.",
  notes: ["There is no delivery id; a conversation is named by `data.conversation_id`."],
  verify: hmac({
    header: "ElevenLabs-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v0" },
    signed: "{timestamp}.{body}",
    tolerance: { pastSeconds: 1_800, futureSeconds: 60 },
  }),
  events: { body: "type" },
  sentAt: { from: { body: "event_timestamp" }, unit: "seconds" },
});
