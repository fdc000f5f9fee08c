import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Heroku: HMAC-SHA256 of the body in `Heroku-Webhook-Hmac-SHA256`. The event is entity and action, such as `api:release.create`. */
export const heroku = defineReceiver({
  name: "heroku",
  title: "Heroku",
  docs: "https://devcenter.heroku.com/articles/app-webhooks",
  category: "cloud and infrastructure",
  confirmed: "verifier",
  setup: "Under the app's menu, View Webhooks, or with `heroku webhooks:add`, add the URL; the secret may be given, or is shown once.",
  secretName: "the webhook's secret",
  eventNames: "The entity and the action with a dot between them, such as `api:release.create`, `api:build.update` or `api:dyno.destroy`.",
  notes: [
    "Heroku also sends the `Authorization` that was entered with the webhook; it is not looked at.",
    "At level `notify` Heroku tries once; at level `sync` it repeats a delivery under the same id.",
  ],
  verify: hmac({ header: "Heroku-Webhook-Hmac-SHA256", encoding: "base64" }),
  events: { joined: [{ body: "webhook_metadata.event.include" }, { body: "action" }] },
  deliveryId: { body: "webhook_metadata.delivery.id" },
  sentAt: { from: { body: "published_at" }, unit: "iso" },
});
