import { base64Secret, defineReceiver, type SecretFormat, standardWebhooks, textSecret } from "../src/receiver/index.ts";

const decoded = base64Secret("whsec_");

/** As OpenAI's own packages read it. */
const secret: SecretFormat<Buffer> = {
  description: "`whsec_` and base64; any other text is used as it is",
  parse: (text) => formatOf(text).parse(text),
  byteLength: (text) => formatOf(text).byteLength(text),
};

/** OpenAI: Standard Webhooks. The event is the body's `type`. */
export const openai = defineReceiver({
  name: "openai",
  title: "OpenAI",
  docs: "https://platform.openai.com/docs/guides/webhooks",
  category: "AI",
  confirmed: ["library", "vector"],
  setup: "In the project's settings, Webhooks, create an endpoint with the URL; its signing secret is shown once.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `response.completed` or `batch.failed`.",
  notes: ["A secret without `whsec_` is text to OpenAI's packages, and so it is here: do not cut the prefix off."],
  verify: standardWebhooks({ secret }),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "created_at" }, unit: "seconds" },
});

function formatOf(text: string): SecretFormat<Buffer> {
  return text.startsWith("whsec_") ? decoded : textSecret;
}
