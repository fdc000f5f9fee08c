import { choiceSetting, credential, defineReceiver, headerSetting } from "../src/receiver/index.ts";

/**
 * Freshdesk and Freshservice automations: a custom header of the webhook action, or, by setting, its basic credentials. The
 * body is yours, so the event is its `event`, or `?event=…` of the URL, or else `change`.
 */
export const freshdesk = defineReceiver({
  name: "freshdesk",
  title: "Freshdesk and Freshservice",
  docs: "https://support.freshdesk.com/support/solutions/articles/132589-using-webhooks-in-automation-rules",
  category: "support and CRM",
  confirmed: "documented",
  setup: "In an automation rule add the action Trigger webhook with the URL and a custom header `X-Webhook-Secret: <long random text>`.",
  secretName: 'the value of the custom header; with `authentication: "basic"` user and password as `user:password`',
  eventNames: "What you write: `event` in an advanced body, or `?event=ticket.created` in the URL; `change` where there is neither.",
  notes: [
    "Neither proves anything of the body: fetch the ticket through the API before you act on it.",
    "The simple body stands under `freshdesk_webhook`. There is no delivery id.",
    "GET, PATCH and DELETE, which a rule could choose, are not taken.",
  ],
  settings: {
    authentication: choiceSetting(["header", "basic"], { about: "What the webhook action is set up to send.", default: "header" }),
    header: headerSetting({ about: "The custom header with the secret.", default: "X-Webhook-Secret" }),
  },
  verify: ({ authentication, header }) => credential(authentication, { header }),
  methods: ["POST", "PUT"],
  body: { kinds: ["json", "form", "xml"] },
  events: { firstOf: [{ body: "event" }, { query: "event", otherwise: "change" }] },
});
