import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * WordPress.com webhooks, and plug-ins that send the same: a form whose `hook` names the action. Nothing is signed, so a secret
 * of your own stands in the URL as `?code=…`.
 */
export const wordpress = defineReceiver({
  name: "wordpress",
  title: "WordPress",
  docs: "https://wordpress.com/support/webhooks/",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Under Settings, Webhooks, choose action and fields, and enter the URL with `?code=<secret>`.",
  secretName: "a secret of your own, which stands in the URL as `?code=…`",
  eventNames: "The field `hook`, such as `publish_post` or `comment_post`.",
  notes: ["The proof says nothing about the fields: fetch the post before acting on it.", "There is no delivery id."],
  verify: token({ parameter: "code" }),
  secretBytes: { min: 32 },
  body: "form",
  events: { body: "hook" },
});
