import { choiceSetting, defineReceiver, hmac, token } from "../src/receiver/index.ts";

const schemes = {
  "timed-signature": hmac({
    header: "x-signature",
    timestampHeader: "x-timestamp",
    signed: "{timestamp}.{body}",
    timeUnit: "seconds-or-milliseconds",
  }),
  signature: hmac({ header: "X-Vapi-Signature" }),
  secret: token({ header: "X-Vapi-Secret" }),
};

/**
 * Vapi: what it proves with is up to the credential; by default here HMAC-SHA256 of time and body. The event is `message.type`. Some
 * messages, such as `assistant-request` and `tool-calls`, want an answer in the response, which a handler gives.
 */
export const vapi = defineReceiver({
  name: "vapi",
  title: "Vapi",
  docs: "https://docs.vapi.ai/server-url/server-authentication",
  category: "AI",
  confirmed: "documented",
  setup: "Create an HMAC credential with SHA-256 under Custom Credentials on the dashboard, and name it in the server's `credentialId`.",
  secretName: "the credential's secret",
  eventNames: "`message.type`, such as `end-of-call-report`, `status-update` or `tool-calls`.",
  notes: [
    "For a credential with other headers, prefixes or encodings use the receiver `generic-hmac`.",
    "In what unit the time is signed is not documented: Unix seconds and milliseconds are taken.",
    "There is no delivery id.",
  ],
  settings: {
    proof: choiceSetting(["timed-signature", "signature", "secret"], {
      about:
        "`timed-signature`: `x-signature` over `x-timestamp`, a dot and the body, as an HMAC credential has it unless changed. `signature`: `X-Vapi-Signature` over the body. `secret`: the server's secret itself in `X-Vapi-Secret`, which says nothing about the body.",
      default: "timed-signature",
    }),
  },
  verify: ({ proof }) => schemes[proof],
  events: { body: "message.type" },
  account: { body: "message.call.orgId" },
});
