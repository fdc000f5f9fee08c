import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Recall.ai: Standard Webhooks; workspaces of before December 2025 send the `svix-*` headers. The event is the body's `event`. */
export const recallAi = defineReceiver({
  name: "recall-ai",
  title: "Recall.ai",
  docs: "https://docs.recall.ai/docs/authenticating-requests-from-recallai",
  category: "AI",
  confirmed: "documented",
  setup:
    "Add an endpoint with the URL on the Webhooks page of the dashboard, and create a workspace secret on the API keys page; without one nothing is signed.",
  secretName: "the workspace's verification secret, `whsec_…`",
  eventNames: "The body's `event`, such as `bot.joining_call` or `transcript.done`.",
  notes: [
    "In an older workspace each endpoint of the Webhooks page has a secret of its own.",
    "Real-time requests of the Desktop SDK are not signed and are refused.",
  ],
  verify: standardWebhooks({ headerPrefix: ["webhook", "svix"] }),
  events: { body: "event" },
  deliveryId: { firstOf: [{ header: "webhook-id" }, { header: "svix-id" }] },
  timeLimitMs: 15_000,
});
