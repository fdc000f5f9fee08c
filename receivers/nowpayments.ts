import { defineReceiver, failed, hmac, type ReceiverRequest, type SignedAlternatives, unverifiedData } from "../src/receiver/index.ts";

/**
 * NOWPayments, IPN: HMAC-SHA512 in `x-nowpayments-sig`, not of the body but of its JSON written anew: without blanks, and the members of
 * every object sorted by name. The event is the payment's status.
 */
export const nowpayments = defineReceiver({
  name: "nowpayments",
  title: "NOWPayments",
  docs: "https://documenter.getpostman.com/view/7907941/2s93JusNJt",
  category: "crypto",
  confirmed: "known",
  setup: "Generate an IPN secret under Settings, Payments, and give this URL as `ipn_callback_url` of a payment.",
  secretName: "the IPN secret",
  eventNames: "`payment_status`, such as `confirming`, `partially_paid` or `finished`; of a payout its `status`.",
  notes: [
    "Numbers are signed as they are written, which is exact where NOWPayments writes them alike in both places.",
    "No time is checked, and a delivery has no id. A list is signed as a list, and characters outside ASCII as they are; NOWPayments has shown neither.",
    "Confirmed by node-nowpayments-api and several public receivers.",
  ],
  verify: hmac({ header: "x-nowpayments-sig", hash: "sha512", signed: { coversBody: true, coversUrl: false, read: sortedJson } }),
  events: { firstOf: [{ body: "payment_status" }, { body: "status" }] },
});

function sortedJson(request: ReceiverRequest): SignedAlternatives {
  // Its limits hold for the second reading too, which keeps numbers as they are written.
  if (unverifiedData(request) === undefined) return failed("signed_part_missing", "The body is not JSON, or too complex.");
  return { alternatives: [[sorted(JSON.parse(request.body.toString("utf8"), literals as (key: string, value: unknown) => unknown))]] };
}

class NumberLiteral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function literals(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? new NumberLiteral(context?.source ?? String(value)) : value;
}

function sorted(value: unknown): string {
  if (value instanceof NumberLiteral) return value.text;
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(",")}}`;
}
