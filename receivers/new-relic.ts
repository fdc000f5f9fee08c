import { choiceSetting, credential, defineReceiver, headerSetting } from "../src/receiver/index.ts";

/**
 * New Relic alert workflows: a custom header of the webhook destination, or, by setting, its bearer token or basic
 * credentials. The event is `state` of the default template: `ACTIVATED`, `CLOSED`.
 */
export const newRelic = defineReceiver({
  name: "new-relic",
  title: "New Relic",
  docs: "https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/",
  category: "monitoring and dev tools",
  confirmed: "documented",
  setup: "Under Alerts, Destinations add a webhook with the URL and a custom header `X-Webhook-Secret`, then choose it in a workflow.",
  secretName: "the value of the custom header; or the bearer token; or `user:password`",
  eventNames: "`state` of the issue: `CREATED`, `ACTIVATED`, `CLOSED`.",
  notes: [
    "None of the three proves anything of the body: look the issue up in New Relic before you act on it.",
    'In a template of your own keep `"state": {{ json state }}`; without it a delivery has no event.',
    "There is no delivery id: `id` is the issue's, the same in all of its notifications.",
  ],
  settings: {
    authentication: choiceSetting(["header", "bearer", "basic"], { about: "What the destination is set up to send.", default: "header" }),
    header: headerSetting({ about: "The custom header with the secret.", default: "X-Webhook-Secret" }),
  },
  verify: ({ authentication, header }) => credential(authentication, { header }),
  events: { body: "state" },
  eventRequired: false,
  sentAt: { from: { body: "updatedAt" }, unit: "milliseconds" },
});
