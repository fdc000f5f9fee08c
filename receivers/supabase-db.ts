import { defineReceiver, headerSetting, token } from "../src/receiver/index.ts";

/**
 * Supabase database webhooks: a header of your own that the webhook sends along. The event is the body's `table` and `type`:
 * `orders.INSERT`.
 */
export const supabaseDb = defineReceiver({
  name: "supabase-db",
  title: "Supabase database webhooks",
  docs: "https://supabase.com/docs/guides/database/webhooks",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "Under Integrations, Database Webhooks create a webhook by POST and add a header `X-Webhook-Secret` with a long random value.",
  secretName: "the value of the header that you added, whole: with `Authorization` also what stands before the token",
  eventNames: "The body's `table` and `type`: `orders.INSERT`, `orders.UPDATE`, `orders.DELETE`.",
  notes: [
    "The header proves nothing of the row: whoever can read the trigger's definition in the database can read the value too.",
    "A webhook is sent once and not retried, and carries no delivery id.",
    "The auth hooks of Supabase are another product, which signs by Standard Webhooks.",
  ],
  settings: { header: headerSetting({ about: "The header that the webhook sends the secret in.", default: "X-Webhook-Secret" }) },
  verify: ({ header }) => token({ header }),
  events: { joined: [{ body: "table" }, { body: "type" }] },
});
