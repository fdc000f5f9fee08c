import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Webex: HMAC-SHA1 of the body in `X-Spark-Signature`. The event is resource and event of the body, such as
 * `messages.created`. The body's `id` names the webhook and not the delivery.
 */
export const webex = defineReceiver({
  name: "webex",
  title: "Webex",
  docs: "https://developer.webex.com/docs/receive-and-verify-webhooks",
  category: "messaging and voice",
  confirmed: "documented",
  setup: "Create the webhook with `POST /v1/webhooks`, giving `targetUrl` and a `secret` of your own.",
  secretName: "the webhook's `secret`",
  eventNames: "The body's `resource` and `event`, such as `messages.created`.",
  notes: [
    "Without a secret at Webex nothing is signed, and every request is refused.",
    "Whether Webex also sends a SHA-256 signature, in a header of another name, could not be confirmed; only the documented one is read.",
    "Deliveries have no id and no signed time. Webhooks of the Contact Center are signed in another way.",
  ],
  verify: hmac({ header: "X-Spark-Signature", hash: "sha1" }),
  events: { joined: [{ body: "resource" }, { body: "event" }] },
  account: { body: "orgId" },
});
