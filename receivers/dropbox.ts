import { defineReceiver, echoQuery, hmac } from "../src/receiver/index.ts";

/**
 * Dropbox: HMAC-SHA256 of the body with the app secret. A delivery names accounts only, so its one event is `change`, and
 * it has no id. The GET request with `challenge` that Dropbox sends at set-up is not signed.
 */
export const dropbox = defineReceiver({
  name: "dropbox",
  title: "Dropbox",
  docs: "https://www.dropbox.com/developers/reference/webhooks",
  verify: hmac({ header: "X-Dropbox-Signature" }),
  secretBytes: { min: 15 },
  events: { value: "change" },
  handshakes: [echoQuery("challenge")],
});
