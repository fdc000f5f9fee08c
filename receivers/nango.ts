import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Nango: HMAC-SHA256 of the body in `X-Nango-Hmac-Sha256`; the older `X-Nango-Signature` alone is refused. The event is the
 * body's `type` and, where there is one, `operation`: `sync`, `auth.creation`, `forward`.
 */
export const nango = defineReceiver({
  name: "nango",
  title: "Nango",
  docs: "https://nango.dev/docs/guides/platform/webhooks-from-nango",
  category: "monitoring and dev tools",
  confirmed: "library",
  setup: "In the environment's settings, Webhook URLs, enter the URL; the webhook signing key is on the same page.",
  secretName: "the environment's webhook signing key, which in environments older than April 2026 is its secret key",
  eventNames: "The body's `type`, joined with its `operation`: `sync`, `auth.creation`, `async_action`, `forward`.",
  notes: ["A delivery has no identifier, so a redelivery cannot be told from a new one."],
  verify: hmac({ header: "X-Nango-Hmac-Sha256" }),
  events: { joined: [{ body: "type" }, { body: "operation" }] },
  account: { body: "connectionId" },
  timeLimitMs: 20_000,
});
