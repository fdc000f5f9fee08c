import { defineReceiver, fixedAnswer, hmac, textSetting } from "../src/receiver/index.ts";

/**
 * Airship, open channels: HMAC-SHA256 of time and body, decompressed, in `X-UA-SIGNATURE`. The event has no name: it is always
 * `notification`. A signed GET that checks the URL is answered with the validation code in the settings.
 */
export const airship = defineReceiver({
  name: "airship",
  title: "Airship",
  docs: "https://www.airship.com/docs/developer/api-integrations/open/",
  category: "e-mail and marketing",
  confirmed: ["verifier", "documented"],
  setup:
    "Configure an open channel under Settings, Channels, choose the signature hash and enter a secret key. Airship puts `/push` and `/validate` behind the URL, so configure the key here under the ids `push` and `validate`; then set the validation code that is shown, and enable the channel.",
  secretName: "the secret key that you set for the signature hash",
  eventNames: "Always `notification`.",
  notes: ["A delivery carries up to 1,000 notifications under `values` and has no id of its own; each of them has a `send_id`."],
  settings: { validationCode: textSetting({ about: "The validation code that Airship shows once the open channel is saved." }) },
  verify: hmac({
    header: "X-UA-SIGNATURE",
    timestampHeader: "X-UA-TIMESTAMP",
    signed: "{timestamp}:{body}",
  }),
  signs: "content",
  events: { value: "notification" },
  handshakes: ({ validationCode }) =>
    validationCode === undefined
      ? []
      : [{ proof: "scheme", method: "GET", answer: () => fixedAnswer(200, { confirmation_code: validationCode }) }],
});
