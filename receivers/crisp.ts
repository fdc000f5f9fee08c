import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Crisp, hooks of plugins: HMAC-SHA256 of `[time;body]` in `X-Crisp-Signature`. The event is the body's `event`. */
export const crisp = defineReceiver({
  name: "crisp",
  title: "Crisp",
  docs: "https://docs.crisp.chat/guides/web-hooks/plugin-hooks/",
  category: "support and CRM",
  confirmed: "library",
  setup: "Enter the URL under Settings, Events of the plugin in the Crisp Marketplace; the signing secret is shown there.",
  secretName: "the plugin's signing secret",
  eventNames: "The body's `event`, such as `message:send` or `session:set_email`.",
  notes: [
    "Hooks of websites, in contrast to those of plugins, are not signed and are refused.",
    "Crisp's library writes the parsed body anew and hashes that; here the bytes as received are hashed, which is the same for compact JSON.",
    "The time is in milliseconds. Crisp names no tolerance; five minutes is our choice. A delivery has no id.",
  ],
  verify: hmac({
    header: "X-Crisp-Signature",
    timestampHeader: "X-Crisp-Request-Timestamp",
    timeUnit: "milliseconds",
    signed: "[{timestamp};{body}]",
  }),
  events: { body: "event" },
  sentAt: { from: { body: "timestamp" }, unit: "milliseconds" },
  account: { body: "website_id" },
});
