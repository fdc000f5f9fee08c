import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Retell AI: HMAC-SHA256 of the body and the time in milliseconds behind it, with the API key. The event is the body's `event`. */
export const retell = defineReceiver({
  name: "retell",
  title: "Retell AI",
  docs: "https://docs.retellai.com/features/secure-webhook",
  category: "AI",
  confirmed: "library",
  setup: "Enter the URL under Webhooks of the account or in the agent's settings. The key is the API key that has the webhook badge.",
  secretName: "the API key with the webhook badge",
  eventNames: "The body's `event`, such as `call_started`, `call_ended` or `call_analyzed`.",
  notes: ["There is no delivery id; a call is named by `call.call_id`."],
  verify: hmac({
    header: "x-retell-signature",
    signature: { form: "pairs", timestamp: "v", signature: "d" },
    signed: "{body}{timestamp}",
    timeUnit: "milliseconds",
  }),
  events: { body: "event" },
  timeLimitMs: 10_000,
});
