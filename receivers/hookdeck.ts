import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Hookdeck: forwards other providers' requests, signed with HMAC-SHA256 of the body in `x-hookdeck-signature` and, while a
 * secret is rotated, with the old one in `x-hookdeck-signature-2`. The event is the name of the Hookdeck source.
 */
export const hookdeck = defineReceiver({
  name: "hookdeck",
  title: "Hookdeck",
  docs: "https://hookdeck.com/docs/authentication",
  category: "standards",
  confirmed: "documented",
  setup:
    "Create a connection to an HTTP destination with the URL and Hookdeck's own signature; the secret is under the project's settings.",
  secretName: "the project's signing secret",
  eventNames: "`x-hookdeck-source-name`: the name that the source was given at Hookdeck.",
  notes: [
    "The body is the original provider's. Whether its signature held is for Hookdeck to check, where the source is set to do so.",
    "`x-hookdeck-` headers are not signed; `x-hookdeck-attempt-count` counts from 1.",
    "The prefix of these headers must be left as it is in the project's settings.",
  ],
  verify: hmac({ header: ["x-hookdeck-signature", "x-hookdeck-signature-2"], encoding: "base64" }),
  methods: ["POST", "PUT"],
  body: { kinds: ["json", "form", "xml", "multipart", "any"], mayBeEmpty: true },
  events: { header: "x-hookdeck-source-name" },
  eventRequired: false,
  deliveryId: { header: "x-hookdeck-eventid" },
  retryNumber: { header: "x-hookdeck-attempt-count" },
  safeHeaders: ["x-hookdeck-requestid", "x-hookdeck-attempt-trigger", "x-hookdeck-verified"],
});
