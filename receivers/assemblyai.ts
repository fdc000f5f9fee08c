import { defineReceiver, headerSetting, token } from "../src/receiver/index.ts";

/**
 * AssemblyAI: the header that you name when you ask for a transcript, `X-Webhook-Secret` unless set otherwise. The event is the
 * body's `status`.
 */
export const assemblyai = defineReceiver({
  name: "assemblyai",
  title: "AssemblyAI",
  docs: "https://assemblyai.com/docs/pre-recorded-audio/webhooks",
  category: "AI",
  confirmed: "documented",
  setup: "Ask for the transcript with `webhook_url`, `webhook_auth_header_name` and a long random `webhook_auth_header_value`.",
  secretName: "the `webhook_auth_header_value`",
  eventNames: "The body's `status`: `completed`, `error`, `redacted_audio_ready`. The webhook of a streaming session has none.",
  notes: [
    "The header proves nothing of the body: fetch the transcript by its id through the API.",
    "A status of 4xx, so also the refusal of a wrong secret, ends the attempts, of which there are ten otherwise.",
  ],
  settings: { header: headerSetting({ about: "The `webhook_auth_header_name`.", default: "X-Webhook-Secret" }) },
  verify: ({ header }) => token({ header }),
  events: { body: "status" },
  eventRequired: false,
  deliveryId: { joined: [{ body: "transcript_id" }, { body: "status" }], separator: ":" },
  timeLimitMs: 10_000,
});
