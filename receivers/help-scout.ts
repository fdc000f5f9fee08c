import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Help Scout: HMAC-SHA1 of the body in `X-HelpScout-Signature`, base64. The event is `X-HelpScout-Event`, which is not signed. */
export const helpScout = defineReceiver({
  name: "help-scout",
  title: "Help Scout",
  docs: "https://developer.helpscout.com/webhooks/",
  category: "support and CRM",
  confirmed: "documented",
  setup: "In Help Scout under Manage, Apps, Webhooks, or with `POST /v2/webhooks`: set the URL and a secret of your own.",
  secretName: "the webhook's secret",
  eventNames: "`X-HelpScout-Event`, such as `convo.created`.",
  notes: ["The signature covers the body only; whoever copied a request may change its event. Deliveries have no id and no signed time."],
  verify: hmac({ header: "X-HelpScout-Signature", hash: "sha1", encoding: "base64" }),
  events: { header: "X-HelpScout-Event" },
});
