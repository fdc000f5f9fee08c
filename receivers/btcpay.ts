import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** BTCPay Server: HMAC-SHA256 of the body in `BTCPay-Sig`. The event is the body's `type`. */
export const btcpay = defineReceiver({
  name: "btcpay",
  title: "BTCPay Server",
  docs: "https://docs.btcpayserver.org/Development/GreenFieldExample-NodeJS/",
  category: "crypto",
  confirmed: "known",
  setup: "Under the store's settings, Webhooks, create one with this URL; its secret is on the same page.",
  secretName: "the webhook's secret",
  eventNames: "The body's `type`, such as `InvoiceSettled` or `InvoiceReceivedPayment`.",
  notes: [
    "A redelivery has an id of its own; the delivery id is the one of the first, `originalDeliveryId`.",
    "The body's `timestamp` is signed, but old deliveries are sent again as they are, so it is not checked.",
    "Confirmed by btcpayserver/btcpayserver, `WebhookSender.cs`.",
  ],
  verify: hmac({ header: "BTCPay-Sig", signature: { form: "whole", prefix: "sha256=" } }),
  events: { body: "type" },
  deliveryId: { firstOf: [{ body: "originalDeliveryId" }, { body: "orignalDeliveryId" }, { body: "deliveryId" }] },
  sentAt: { from: { body: "timestamp" }, unit: "seconds" },
  account: { body: "storeId" },
});
