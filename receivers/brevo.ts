import { choiceSetting, credential, defineReceiver, headerSetting, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Brevo: the bearer token of the webhook, or, by setting, the credentials in its URL or a header of your own. The event is the
 * body's `event`, or that of every item of a batch. Incoming messages come as a list `items` without one.
 */
export const brevo = defineReceiver({
  name: "brevo",
  title: "Brevo",
  docs: "https://developers.brevo.com/docs/secured-webhooks",
  category: "e-mail and marketing",
  confirmed: "documented",
  setup: 'Create the webhook by the API with the URL and `"auth": {"type": "bearer", "token": "<long random text>"}`.',
  secretName: "the webhook's bearer token; or the `user:password` of the URL; or the value of the header",
  eventNames:
    "The body's `event`: `delivered`, `hard_bounce`, `click`, `unsubscribed`, `list_addition`; `inboundEmailProcessed` for incoming messages.",
  notes: [
    "None of the three proves anything of the body. Brevo publishes its address ranges, 1.179.112.0/20 and 172.246.240.0/20, for a firewall.",
    "There is no delivery id: `id` is the webhook's own, and `message-id` is shared by all events of a message.",
  ],
  settings: {
    authentication: choiceSetting(["bearer", "basic", "header"], { about: "What the webhook is set up to send.", default: "bearer" }),
    header: headerSetting({ about: "The custom header with the secret.", default: "X-Webhook-Secret" }),
  },
  verify: ({ authentication, header }) => credential(authentication, { header }),
  events: { firstOf: [{ body: "event" }, { body: "*.event" }, incoming] },
  sentAt: { from: { body: "ts_event" }, unit: "seconds" },
});

/** The event that a webhook for incoming messages is created with. */
function incoming({ data }: VerifiedRequest): string | undefined {
  return valuesAt(data, "items.*").length > 0 ? "inboundEmailProcessed" : undefined;
}
