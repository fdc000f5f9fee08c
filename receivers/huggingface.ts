import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * Hugging Face: the webhook's secret as it is in `X-Webhook-Secret`. The event is made of the scope and the action:
 * `repo.content.update`.
 */
export const huggingface = defineReceiver({
  name: "huggingface",
  title: "Hugging Face",
  docs: "https://huggingface.co/docs/hub/webhooks",
  category: "AI",
  confirmed: "documented",
  setup: "Add a webhook in the settings of your account, with the URL, what it watches, and a secret.",
  secretName: "the webhook's secret",
  eventNames: "`event.scope` and `event.action`: `repo.create`, `repo.content.update`, `discussion.comment.create`.",
  notes: [
    "The secret proves nothing of the body: fetch the repository or discussion through the API before you rely on it.",
    "Scopes may become finer, such as `repo.config.dois`: choose events as `repo.*`, not by the whole name.",
    "There is no delivery id: `webhook.id` is that of the webhook.",
  ],
  verify: token({ header: "X-Webhook-Secret" }),
  events: { joined: [{ body: "event.scope" }, { body: "event.action" }] },
  account: { body: "repo.owner.id" },
});
