import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * Helius: the value that you chose as `authHeader`, in `Authorization`. It says nothing of the body, a list of transactions. The events
 * are their types, or `transaction` for raw ones.
 */
export const helius = defineReceiver({
  name: "helius",
  title: "Helius",
  docs: "https://www.helius.dev/docs/webhooks",
  category: "crypto",
  confirmed: "known",
  setup: "Create a webhook in the dashboard or with the API, with this URL and an authentication header of your own, its whole value.",
  secretName: "the webhook's authentication header, its whole value",
  eventNames: "The `type` of each enhanced transaction, such as `NFT_SALE` or `TRANSFER`; `transaction` for raw ones.",
  notes: [
    "The header does not cover the body. A delivery has no id and may come twice; recognise transactions by `signature`.",
    "A webhook without the header is refused. Helius tries three more times, a minute apart.",
    "Confirmed by helius-labs/docs, `faqs/webhooks.mdx`.",
  ],
  verify: token({ header: "Authorization" }),
  events: { firstOf: [{ body: "*.type" }, { value: "transaction" }] },
});
