import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Merge: HMAC-SHA256 of the body in padded base64url. The event is `hook.event`; there is no delivery id. */
export const merge = defineReceiver({
  name: "merge",
  title: "Merge",
  docs: "https://docs.merge.dev/basics/webhooks/merge-webhooks",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "Add the URL under Advanced, Webhooks of the dashboard; the signature key stands under Security there.",
  secretName: "the organization's webhook signature key",
  eventNames: "`hook.event`, such as `LinkedAccount.linked` or `Employee.changed`.",
  verify: hmac({ header: "X-Merge-Webhook-Signature", encoding: "base64url-padded" }),
  events: { body: "hook.event" },
  account: { body: "linked_account.id" },
});
