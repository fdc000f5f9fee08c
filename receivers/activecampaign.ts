import { defineReceiver, unproven } from "../src/receiver/index.ts";

/**
 * ActiveCampaign: it proves nothing, so a secret of your own stands in the URL as `?code=…`. The event is the form's `type`, or
 * `automation` where an automation sent it. Fields keep their names, such as `contact[email]`.
 */
export const activecampaign = defineReceiver({
  name: "activecampaign",
  title: "ActiveCampaign",
  docs: "https://developers.activecampaign.com/page/webhooks",
  category: "e-mail and marketing",
  confirmed: "known",
  setup: "Under Settings, Developer, Manage webhooks, or in an automation, enter this URL with `?code=` and the secret.",
  secretName: "the secret in the URL",
  eventNames: "The field `type`, such as `subscribe`, `unsubscribe` or `open`; `automation` without one.",
  notes: [
    "Nothing proves the body: fetch the contact before you act on it. A delivery has no id, and the same may come more than once.",
    "Confirmed by ActiveCampaign's own page, which names no proof, and by public receivers of its forms.",
  ],
  verify: unproven(),
  body: "form",
  events: { firstOf: [{ body: "type" }, { value: "automation" }] },
});
