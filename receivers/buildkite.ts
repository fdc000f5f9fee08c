import { answerWhen, choiceSetting, defineReceiver, fixedAnswer, hmac, token } from "../src/receiver/index.ts";

/**
 * Buildkite: HMAC-SHA256 of time and body with the webhook's token; or, where the setting says so, the token itself. The event is the
 * body's `event`, which says the same as the header `X-Buildkite-Event`. A `ping` is answered and reaches no handler.
 */
export const buildkite = defineReceiver({
  name: "buildkite",
  title: "Buildkite",
  docs: "https://buildkite.com/docs/apis/webhooks",
  category: "source control and CI",
  confirmed: ["verifier", "documented"],
  setup: "Add a webhook under Settings, Notification Services, and choose to send an HMAC signature instead of the token.",
  secretName: "the webhook's token",
  eventNames: "The body's `event`, such as `build.finished`, `job.started` or `agent.lost`.",
  notes: ["How old a signature may be is not documented; here five minutes.", "There is no delivery id."],
  settings: {
    proof: choiceSetting(["signature", "token"], {
      about: "What the webhook sends: the signature, or the token, which says nothing about the body.",
      default: "signature",
    }),
  },
  verify: ({ proof }) =>
    proof === "token"
      ? token({ header: "X-Buildkite-Token" })
      : hmac({
          header: "X-Buildkite-Signature",
          signature: { form: "pairs", timestamp: "timestamp", signature: "signature" },
          signed: "{timestamp}.{body}",
        }),
  events: { body: "event" },
  handshakes: [answerWhen("event", "ping", () => fixedAnswer(200))],
});
