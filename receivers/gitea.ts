import { bodyOrField, defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Gitea: HMAC-SHA256 of the JSON in `X-Gitea-Signature`, also where that stands in the field `payload` of a form. The event is
 * `X-Gitea-Event` with the body's `action`, such as `issues.opened`.
 */
export const gitea = defineReceiver({
  name: "gitea",
  title: "Gitea",
  docs: "https://docs.gitea.com/usage/repository/webhooks",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under the settings of a repository or organization, Webhooks, add one of the type Gitea with this URL and a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Gitea-Event` with the body's `action`, such as `push`, `issues.opened` or `pull_request.closed`.",
  notes: [
    "`X-Gitea-Event` and `X-Gitea-Delivery` are not signed, and no time is.",
    "Webhooks with the method GET are not taken. The header `X-Gogs-Signature` beside it, which is the same, and SHA-1 are not read.",
    "Confirmed by go-gitea/gitea, `services/webhook/deliver.go`, and by go-playground/webhooks.",
  ],
  verify: hmac({ header: "X-Gitea-Signature", signed: bodyOrField("payload") }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: { joined: [{ header: "X-Gitea-Event" }, { body: "action" }] },
  deliveryId: { header: "X-Gitea-Delivery" },
  account: { body: "repository.full_name" },
  safeHeaders: ["X-Gitea-Event-Type"],
});
