import { bodyOrField, defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Forgejo: HMAC-SHA256 of the JSON in `X-Forgejo-Signature`, also where that stands in the field `payload` of a form. The event is
 * `X-Forgejo-Event` with the body's `action`, such as `issues.opened`.
 */
export const forgejo = defineReceiver({
  name: "forgejo",
  title: "Forgejo",
  docs: "https://forgejo.org/docs/latest/user/webhooks/",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under the settings of a repository or organization, Webhooks, add one of the type Forgejo with this URL and a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Forgejo-Event` with the body's `action`, such as `push`, `issues.opened` or `pull_request.closed`.",
  notes: [
    "`X-Forgejo-Event` and `X-Forgejo-Delivery` are not signed, and no time is.",
    "The headers of Gitea, Gogs and GitHub beside it are not read.",
    "Confirmed by Forgejo's sender, `AddDefaultHeaders` of `services/webhook/shared`.",
  ],
  verify: hmac({ header: "X-Forgejo-Signature", signed: bodyOrField("payload") }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: { joined: [{ header: "X-Forgejo-Event" }, { body: "action" }] },
  deliveryId: { header: "X-Forgejo-Delivery" },
  account: { body: "repository.full_name" },
  safeHeaders: ["X-Forgejo-Event-Type"],
});
