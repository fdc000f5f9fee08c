import { bodyOrField, defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Gogs: HMAC-SHA256 of the JSON in `X-Gogs-Signature`, also where that stands in the field `payload` of a form. The event is
 * `X-Gogs-Event` with the body's `action`, such as `issues.opened`.
 */
export const gogs = defineReceiver({
  name: "gogs",
  title: "Gogs",
  docs: "https://gogs.io/advancing/webhooks",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under the settings of a repository or organization, Webhooks, add one of the type Gogs with this URL and a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Gogs-Event` with the body's `action`, such as `push`, `issues.opened` or `pull_request.closed`.",
  notes: [
    "`X-Gogs-Event` and `X-Gogs-Delivery` are not signed, and no time is.",
    "Confirmed by gogs/gogs, `internal/database/webhook.go`, and by go-playground/webhooks.",
  ],
  verify: hmac({ header: "X-Gogs-Signature", signed: bodyOrField("payload") }),
  body: { kinds: ["json", "form"], jsonField: "payload" },
  events: { joined: [{ header: "X-Gogs-Event" }, { body: "action" }] },
  deliveryId: { header: "X-Gogs-Delivery" },
  account: { body: "repository.full_name" },
});
