import { defineReceiver, hmac, strongestOf, token } from "../src/receiver/index.ts";

/**
 * Vapi: HMAC-SHA256 of time and body, or of the body, or the secret itself, as the server or its credential is set up. The event is
 * `message.type`. Some messages, such as `assistant-request` and `tool-calls`, want an answer in the response, which a handler gives.
 */
export const vapi = defineReceiver({
  name: "vapi",
  title: "Vapi",
  docs: "https://docs.vapi.ai/server-url/server-authentication",
  category: "AI",
  confirmed: "documented",
  setup: "Create an HMAC credential with SHA-256 under Custom Credentials on the dashboard, and name it in the server's `credentialId`.",
  secretName: "the credential's secret, or the server's",
  eventNames: "`message.type`, such as `end-of-call-report`, `status-update` or `tool-calls`.",
  notes: [
    "For a credential with other headers, prefixes or encodings use the receiver `generic-hmac`.",
    "In what unit the time is signed is not documented: Unix seconds and milliseconds are taken.",
    "The secret itself says nothing about the body.",
    "There is no delivery id.",
  ],
  verify: strongestOf([
    {
      when: { header: "x-signature" },
      scheme: hmac({
        header: "x-signature",
        timestampHeader: "x-timestamp",
        signed: "{timestamp}.{body}",
        timeUnit: "seconds-or-milliseconds",
      }),
    },
    { when: { header: "X-Vapi-Signature" }, scheme: hmac({ header: "X-Vapi-Signature" }) },
    { when: { header: "X-Vapi-Secret" }, scheme: token({ header: "X-Vapi-Secret" }) },
  ]),
  events: { body: "message.type" },
  account: { body: "message.call.orgId" },
});
