import { defineReceiver, jwt } from "../src/receiver/index.ts";

/** Netlify, outgoing webhooks: a token in `X-Webhook-Signature` with a hash of the body. The event is `X-Netlify-Event`. */
export const netlify = defineReceiver({
  name: "netlify",
  title: "Netlify",
  docs: "https://docs.netlify.com/deploy/deploy-notifications/#payload-signature",
  category: "cloud and infrastructure",
  confirmed: "verifier",
  setup: "Add an outgoing webhook under the project's notifications, with this URL and a JWS secret token of your own.",
  secretName: "the webhook's JWS secret token",
  eventNames: "`X-Netlify-Event`, such as `deploy_created`, `deploy_building` or `deploy_failed`.",
  notes: [
    "The event stands in a header that is not signed, so a recorded delivery can be given another name; `state` in the body is signed.",
    "No time is signed, and a delivery has no id: the body's `id` is the deploy's, so a redelivery is not recognized.",
  ],
  verify: jwt({
    header: "X-Webhook-Signature",
    algorithms: ["HS256"],
    key: "secret",
    issuer: "netlify",
    bodyHash: { claim: "sha256" },
  }),
  events: { header: "X-Netlify-Event" },
  account: { body: "site_id" },
});
