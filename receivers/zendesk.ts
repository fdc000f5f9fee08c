import { defineReceiver, flagSetting, hmac, token } from "../src/receiver/index.ts";

/**
 * Zendesk: HMAC-SHA256 of time and body in `X-Zendesk-Webhook-Signature`. The event is the body's `type`, and `change` where a
 * trigger sends a body of your own, or none. Older set-ups have a secret in the URL instead.
 */
export const zendesk = defineReceiver({
  name: "zendesk",
  title: "Zendesk",
  docs: "https://developer.zendesk.com/documentation/webhooks/verifying/",
  category: "support and CRM",
  confirmed: "verifier",
  setup: "Create a webhook under Apps and integrations in the Admin Center and reveal its signing secret.",
  secretName: "the webhook's signing secret, used as text although it looks like base64",
  eventNames: "The body's `type`, such as `zen:event-type:ticket.created`, or `change`.",
  notes: [
    "The delivery id stands in a header that is not signed. A trigger's own `id` may name a ticket, so the body is not asked.",
    "PATCH and DELETE, which a trigger could choose, are not taken.",
    "Zendesk names no tolerance for the signed time; five minutes is our choice.",
  ],
  settings: {
    legacyCode: flagSetting({
      about: "Whether the proof is a secret in the URL, `?code=…`, as in set-ups without signatures. Then nothing of the body is proved.",
    }),
  },
  verify: ({ legacyCode }) =>
    legacyCode
      ? token({ parameter: "code" })
      : hmac({
          header: "X-Zendesk-Webhook-Signature",
          encoding: "base64",
          timestampHeader: "X-Zendesk-Webhook-Signature-Timestamp",
          timeUnit: "iso",
          signed: "{timestamp}{body}",
        }),
  methods: ["POST", "PUT", "GET"],
  body: { kinds: ["json", "form", "xml"], mayBeEmpty: true },
  events: { firstOf: [{ body: "type" }, { value: "change" }] },
  deliveryId: { header: "X-Zendesk-Webhook-Invocation-Id" },
  account: { body: "account_id" },
});

/** What Zendesk posts about a ticket to a mobile application's server: `getDataOrDefault<ZendeskPost>()`. */
export interface ZendeskPost {
  readonly devices: readonly ZendeskDevice[];
  readonly notification: ZendeskNotification;
}

/** A device that is to be notified. */
export interface ZendeskDevice {
  readonly identifier: string;
  /** The platform: `ios` or `android`. */
  readonly type: string;
}

/** What the device is to show. */
export interface ZendeskNotification {
  readonly title: string;
  readonly body: string;
  readonly ticket_id: string;
}
