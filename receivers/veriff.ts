import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Veriff: HMAC-SHA256 of the body in `X-HMAC-SIGNATURE` or `VRF-HMAC-SIGNATURE`. The event is the `action` of an event, the status
 * of a decision, or what else the body says it is.
 */
export const veriff = defineReceiver({
  name: "veriff",
  title: "Veriff",
  docs: "https://devdocs.veriff.com/docs/hmac-authentication-and-endpoint-security",
  category: "identity and HR",
  confirmed: "known",
  setup: "In the Customer Portal, enter the URLs under the integration's settings; its shared secret key is on the same page.",
  secretName: "the integration's shared secret key",
  eventNames: "`action`, such as `started` or `submitted`; of a decision `verification.status`, such as `approved` or `declined`.",
  notes: [
    "No time is signed, and a delivery has no id. Webhooks that are neither events nor decisions are named by `eventType` or `checkType`, or not at all.",
    "The older `X-SIGNATURE`, a hash with the secret behind the body, is not read.",
    "Confirmed by Veriff's page on HMAC authentication and several public receivers.",
  ],
  verify: hmac({ header: ["X-HMAC-SIGNATURE", "VRF-HMAC-SIGNATURE"] }),
  events: { firstOf: [{ body: "action" }, { body: "verification.status" }, { body: "eventType" }, { body: "checkType" }] },
  eventRequired: false,
});
