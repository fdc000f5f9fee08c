import { defineReceiver, flagSetting, hmac, plainDigest, strongestOf } from "../src/receiver/index.ts";

const signed = hmac({
  header: "X-Recharge-Webhook-Signature",
  signature: { form: "pairs", timestamp: "t", signature: "v1" },
  signed: "{timestamp}.{body}",
  tolerance: { pastSeconds: 172_800, futureSeconds: 60 },
});

/** In spite of its name no HMAC: the hash of secret and body, one behind the other. */
const legacy = plainDigest({ header: "X-Recharge-Hmac-Sha256", signed: "{secret}{body}" });

const either = strongestOf([
  { when: { header: "X-Recharge-Webhook-Signature" }, scheme: signed },
  { when: { header: "X-Recharge-Hmac-Sha256" }, scheme: legacy },
]);

/** Recharge: HMAC-SHA256 of time and body in `X-Recharge-Webhook-Signature`. The event is the topic, which is not signed. */
export const recharge = defineReceiver({
  name: "recharge",
  title: "Recharge",
  docs: "https://docs.getrecharge.com/docs/webhooks-overview",
  category: "commerce",
  confirmed: ["documented", "known"],
  setup: "Create the webhook with `POST /webhooks`; the token's page under Apps, API tokens shows the API client secret.",
  secretName: "the API client secret, not the access token",
  eventNames: "`X-Recharge-Topic`, such as `charge/paid` or `subscription/cancelled`.",
  notes: [
    "`X-Recharge-Hmac-Sha256` is a plain hash of secret and body, to which bytes can be added without the secret, though none that leave it JSON. It never counts beside the newer signature, and not at all with `requireSignature`.",
    "The signature covers time and body. The topic stands in a header that is not signed.",
    "The tolerance of two days is Recharge's own.",
  ],
  settings: {
    requireSignature: flagSetting({ about: "Whether a delivery with `X-Recharge-Hmac-Sha256` alone is refused." }),
  },
  verify: ({ requireSignature }) => (requireSignature ? signed : either),
  events: { header: "X-Recharge-Topic" },
  timeLimitMs: 5_000,
});
