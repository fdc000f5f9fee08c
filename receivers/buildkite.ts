import { answerWhen, defineReceiver, fixedAnswer, hmac, strongestOf, token } from "../src/receiver/index.ts";

/**
 * Buildkite: HMAC-SHA256 of time and body with the webhook's token, or the token itself. The event is the
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
  notes: [
    "The token itself says nothing about the body.",
    "How old a signature may be is not documented; here five minutes.",
    "There is no delivery id.",
  ],
  verify: strongestOf([
    {
      when: { header: "X-Buildkite-Signature" },
      scheme: hmac({
        header: "X-Buildkite-Signature",
        signature: { form: "pairs", timestamp: "timestamp", signature: "signature" },
        signed: "{timestamp}.{body}",
      }),
    },
    { when: { header: "X-Buildkite-Token" }, scheme: token({ header: "X-Buildkite-Token" }) },
  ]),
  events: { body: "event" },
  handshakes: [answerWhen("event", "ping", () => fixedAnswer(200))],
});
