import { defineReceiver, echoQuery, hmac } from "../src/receiver/index.ts";

/**
 * Dropbox: HMAC-SHA256 of the body with the app secret. A delivery names accounts only, so its one event is `change`, and
 * it has no id. The GET request with `challenge` that Dropbox sends at set-up is not signed.
 */
export const dropbox = defineReceiver({
  name: "dropbox",
  title: "Dropbox",
  docs: "https://www.dropbox.com/developers/reference/webhooks",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup: "In the App Console, on the app's Settings tab, add the webhook URI and copy the app secret.",
  secretName: "the app secret",
  eventNames: "Always `change`.",
  notes: ["A delivery says whose files have changed, in `list_folder.accounts`, and not what; ask Dropbox for the changes."],
  verify: hmac({ header: "X-Dropbox-Signature" }),
  secretBytes: { min: 15 },
  events: { value: "change" },
  handshakes: [echoQuery("challenge")],
  timeLimitMs: 10_000,
});
