import { choiceSetting, credential, defineReceiver, headerSetting, readSource } from "../src/receiver/index.ts";

/**
 * Datadog's webhooks integration: a custom header that you configure, or, by setting, the credentials in the URL. The event is
 * `event_type` of the default payload, which a payload of your own should keep.
 */
export const datadog = defineReceiver({
  name: "datadog",
  title: "Datadog",
  docs: "https://docs.datadoghq.com/integrations/webhooks/",
  category: "monitoring and dev tools",
  confirmed: "documented",
  setup: 'In the Webhooks integration add a webhook with the URL and the custom headers `{"X-Webhook-Secret": "<long random text>"}`.',
  secretName: 'the value of the custom header; with `authentication: "basic"` the `user:password` of the URL',
  eventNames: "`event_type`, which is `$EVENT_TYPE`: `metric_alert_monitor`, `query_alert_monitor`, `service_check`.",
  notes: [
    "Neither proves anything of the body: fetch the event or monitor through the API before you act on it.",
    'In a payload of your own keep `"event_type": "$EVENT_TYPE"`; without it a delivery has no event.',
    'The delivery id is `id` of the default payload, `$ID`, the event\'s own. Give no other meaning to an `"id"` of your own.',
  ],
  settings: {
    authentication: choiceSetting(["header", "basic"], { about: "What the webhook is set up to send.", default: "header" }),
    header: headerSetting({ about: "The custom header with the secret.", default: "X-Webhook-Secret" }),
  },
  verify: ({ authentication, header }) => credential(authentication, { header }),
  body: { kinds: ["json", "form"] },
  events: { body: "event_type" },
  eventRequired: false,
  // A function, since a payload of your own may lack an id: then two that are the same are two alerts.
  deliveryId: (verified) => readSource({ body: "id" }, verified)[0],
  account: { body: "org.id" },
  sample: (_event, deliveryId) => ({ body: { id: deliveryId } }),
});
