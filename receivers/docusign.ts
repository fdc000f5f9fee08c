import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * DocuSign Connect: HMAC-SHA256 of the body, once for each of the account's keys, in `X-DocuSign-Signature-1`, `-2` and so on;
 * any of them will do. The event is the JSON body's `event`, or the envelope's status in the older formats,
 * JSON and XML.
 */
export const docusign = defineReceiver({
  name: "docusign",
  title: "DocuSign Connect",
  docs: "https://developers.docusign.com/platform/webhooks/connect/hmac/",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup: "Add keys under Connect, Connect Keys, then tick HMAC signature in the configuration that has the URL.",
  secretName: "a Connect HMAC key",
  eventNames:
    "The body's `event`, such as `envelope-completed`; in the older formats the envelope's status, such as `completed`, in XML `Completed`.",
  notes: [
    "DocuSign names no delivery: the id is made of the time of the message, the envelope, the recipient and the event. The older formats have none.",
    "A request with more than 16 signatures is refused, so an account may have that many keys at most.",
  ],
  verify: hmac({ header: "X-DocuSign-Signature-*", encoding: "base64" }),
  body: { kinds: ["json", "xml"] },
  events: { firstOf: [{ body: "event" }, { body: "status" }, { body: "DocuSignEnvelopeInformation.EnvelopeStatus.Status" }] },
  deliveryId: {
    joined: [{ body: "generatedDateTime" }, { body: "data.envelopeId" }, { body: "data.recipientId" }, { body: "event" }],
    separator: "/",
  },
  retryNumber: { body: "retryCount" },
  sentAt: { from: { body: "generatedDateTime" }, unit: "iso" },
  account: { body: "data.accountId" },
});
