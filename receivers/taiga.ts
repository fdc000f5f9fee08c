import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Taiga: HMAC-SHA1 of the body. The event is `type` and `action`, such as `issue.change`; there is no delivery id. */
export const taiga = defineReceiver({
  name: "taiga",
  title: "Taiga",
  docs: "https://docs.taiga.io/webhooks.html",
  category: "productivity",
  confirmed: "verifier",
  setup: "Add the URL and a secret key under Settings, Integrations, Webhooks of the project.",
  secretName: "the webhook's secret key",
  eventNames: "Type and action: `issue.create`, `userstory.change`, `wikipage.delete`; the test button sends `test.test`.",
  verify: hmac({ header: "X-TAIGA-WEBHOOK-SIGNATURE", hash: "sha1" }),
  events: { joined: [{ body: "type" }, { body: "action" }] },
  sentAt: { from: { body: "date" }, unit: "iso" },
});
