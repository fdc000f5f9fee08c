import { defineReceiver, headerSetting, token } from "../src/receiver/index.ts";

/**
 * Gorgias HTTP integrations: a header of your own. The body is yours, so the event is its `event`, or `?event=…` of the URL,
 * or else `change`.
 */
export const gorgias = defineReceiver({
  name: "gorgias",
  title: "Gorgias",
  docs: "https://developers.gorgias.com/reference/integrations",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Add an HTTP integration with the URL, its triggers, and a header `X-Webhook-Secret` with a long random value.",
  secretName: "the value of the header",
  eventNames: "What you write, such as `?event=ticket-created` in the URL, one integration for each trigger; else `change`.",
  notes: [
    "The header proves nothing of the body: fetch the ticket through the API before you act on it.",
    "There is no delivery id. Gorgias shows the answer beside the ticket where the integration asks for it.",
  ],
  settings: { header: headerSetting({ about: "The integration's header with the secret.", default: "X-Webhook-Secret" }) },
  verify: ({ header }) => token({ header }),
  methods: ["POST", "PUT"],
  body: { kinds: ["json", "form"] },
  events: { firstOf: [{ body: "event" }, { query: "event", otherwise: "change" }] },
});
