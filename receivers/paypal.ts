import { certificateSignature, defineReceiver, listSetting } from "../src/receiver/index.ts";

/**
 * PayPal: RSA-SHA256 by PayPal's certificate over transmission id, time, webhook id and the CRC-32 of the body. The event is
 * the body's `event_type`.
 */
export const paypal = defineReceiver({
  name: "paypal",
  title: "PayPal",
  docs: "https://developer.paypal.com/api/rest/webhooks/rest/",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Add the webhook to the app under Apps & Credentials in the Developer Dashboard, which then shows its id.",
  secretName: "the webhook's id, not that of an event",
  eventNames: "The body's `event_type`, such as `PAYMENT.CAPTURE.COMPLETED`.",
  notes: [
    "PayPal signs for everybody's webhooks, so the configured id decides whether a delivery is meant for you.",
    "Of the body only a CRC-32 is signed. It finds accidents, but whoever has one delivery can make another body that fits: fetch the resource.",
    "The certificate is believed since PayPal's API host serves it over TLS and it is made out to PayPal; `issuers` makes its chain count.",
    "The signed time is not checked: retries go on for three days. Events of the simulator cannot be verified.",
  ],
  settings: {
    issuers: listSetting({ about: "Certificates in PEM, one of which must have issued PayPal's own. Default: that is not looked at." }),
  },
  verify: ({ issuers }) => ({
    ...certificateSignature({
      header: "PAYPAL-TRANSMISSION-SIG",
      signed: "{header:PAYPAL-TRANSMISSION-ID}|{header:PAYPAL-TRANSMISSION-TIME}|{secret}|{body:crc32}",
      hash: { from: { header: "PAYPAL-AUTH-ALGO" }, values: { SHA256withRSA: "sha256" } },
      certificateUrl: { header: "PAYPAL-CERT-URL" },
      certificate: {
        allowed: { hosts: /api(?:-m)?\.(?:sandbox\.)?paypal\.com/, path: /\/v1\/notifications\/certs\/[\w-]+/ },
        subjectHost: ["messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"],
        trust: issuers.length > 0 ? { roots: issuers } : "url-only",
      },
    }),
    // A CRC can be made to fit another body.
    bodyBound: false,
  }),
  events: { body: "event_type" },
  deliveryId: { body: "id" },
  sentAt: { from: { header: "PAYPAL-TRANSMISSION-TIME" }, unit: "iso" },
});
