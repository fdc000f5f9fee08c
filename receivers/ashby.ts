import { answerWhen, defineReceiver, fixedAnswer, hmac } from "../src/receiver/index.ts";

/** Ashby: HMAC-SHA256 of the body. The event is the body's `action`; a `ping` is answered and reaches no handler. */
export const ashby = defineReceiver({
  name: "ashby",
  title: "Ashby",
  docs: "https://developers.ashbyhq.com/docs/authenticating-webhooks",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "Create the webhook under Admin, Integrations, Webhooks, with the URL and a secret token.",
  secretName: "the webhook's secret token",
  eventNames: "The body's `action`, such as `applicationSubmit` or `candidateHire`.",
  notes: ["There is no delivery id.", "A ping that is not answered with success leaves the webhook disabled."],
  verify: hmac({ header: "Ashby-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { body: "action" },
  handshakes: [answerWhen("action", "ping", () => fixedAnswer(200))],
});
