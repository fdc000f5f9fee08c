import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Airship, open channels: HMAC-SHA256 of time and body in `X-UA-SIGNATURE`. The event has no name: it is always `notification`. */
export const airship = defineReceiver({
  name: "airship",
  title: "Airship",
  docs: "https://www.airship.com/docs/",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Configure an open channel with the URL under Settings, Channels, choose the signature hash and enter a secret key.",
  secretName: "the secret key that you set for the signature hash",
  eventNames: "Always `notification`.",
  notes: [
    "A delivery has no documented id. Where Airship compresses the body, whether it signs before or after is not documented; the bytes on the wire are checked.",
  ],
  verify: hmac({
    header: "X-UA-SIGNATURE",
    timestampHeader: "X-UA-TIMESTAMP",
    signed: "{timestamp}:{body}",
  }),
  events: { value: "notification" },
});
