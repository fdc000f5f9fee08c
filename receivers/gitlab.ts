import { base64Secret, chosenBySecret, defineReceiver, type SecretFormat, standardWebhooks, token } from "../src/receiver/index.ts";

/** The prefix is what tells a signing token from a secret token, which may be any text, base64 too. */
const signingToken: SecretFormat<Buffer> = {
  ...base64Secret("whsec_"),
  parse: (text) => (text.startsWith("whsec_") ? base64Secret("whsec_").parse(text) : undefined),
};

/** Both are shared secrets, so that what is configured also signs. */
const eitherToken = {
  ...chosenBySecret([standardWebhooks({ secret: signingToken }), token({ header: "X-Gitlab-Token" })]),
  signsWithSecret: true,
};

/**
 * GitLab: Standard Webhooks with the signing token of GitLab 19.0 and later, or the older secret token in `X-Gitlab-Token`.
 * A merge request that is opened is both `merge_request` and `merge_request.open`, read from the body, since headers are unsigned.
 */
export const gitlab = defineReceiver({
  name: "gitlab",
  title: "GitLab",
  docs: "https://docs.gitlab.com/user/project/integrations/webhooks/",
  category: "source control and CI",
  confirmed: ["verifier", "documented"],
  setup: "Under Settings, Webhooks, of the project or group enter the URL, and generate a signing token, or enter a secret token.",
  secretName: "the signing token, `whsec_…`, or else the secret token",
  eventNames: "The body's `object_kind`, else its `event_name`, and either with the action: `push`, `merge_request`, `merge_request.open`.",
  notes: [
    "As long as a signing token is configured, only the signature counts, also where GitLab sends the secret token too.",
    "A secret token proves nothing about the body: prefer a signing token.",
    "A webhook with a template of its own may send a body without these members; such a delivery has no event.",
  ],
  verify: eitherToken,
  events: {
    name: { firstOf: [{ body: "object_kind" }, { body: "event_name" }] },
    narrowedBy: { firstOf: [{ body: "object_attributes.action" }, { body: "action" }] },
  },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "webhook-id" }, { header: "Idempotency-Key" }] },
  account: { body: "project.path_with_namespace" },
  safeHeaders: ["X-Gitlab-Event", "X-Gitlab-Event-UUID", "X-Gitlab-Webhook-UUID", "X-Gitlab-Instance"],
  timeLimitMs: 10_000,
});
