import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Onfido: HMAC-SHA256 of the body with the webhook's token. The event is `payload.action`; there is no delivery id. */
export const onfido = defineReceiver({
  name: "onfido",
  title: "Onfido",
  docs: "https://documentation.onfido.com/api/latest/#webhooks",
  category: "identity and HR",
  confirmed: "library",
  setup: "Add the URL under Developers, Webhooks of the dashboard, or register it with the API; the token is shown then.",
  secretName: "the webhook's token",
  eventNames: "`payload.action`, such as `workflow_run.completed` or `check.started`.",
  notes: ["`payload.object.id` names the check, report or run and comes back with each of its events, so it is no delivery id."],
  verify: hmac({ header: "X-SHA2-Signature" }),
  events: { body: "payload.action" },
});
