import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** BambooHR: HMAC-SHA256 of the body and the time behind it. The events are the actions on the listed employees. */
export const bamboohr = defineReceiver({
  name: "bamboohr",
  title: "BambooHR",
  docs: "https://documentation.bamboohr.com/docs/webhooks",
  category: "identity and HR",
  confirmed: "documented",
  setup:
    "Under Account, Settings, Webhooks create the webhook and generate its private key; webhooks of the API get it as `privateKey` when they are created.",
  secretName: "the webhook's private key",
  eventNames: "`action` of each employee: `Created`, `Updated` or `Deleted`; `change` where none has one.",
  notes: [
    "One delivery lists several employees, and there is no delivery id.",
    "In what unit the time is signed is not documented: Unix seconds and milliseconds are taken.",
  ],
  verify: hmac({
    header: "X-BambooHR-Signature",
    timestampHeader: "X-BambooHR-Timestamp",
    signed: "{body}{timestamp}",
    timeUnit: "seconds-or-milliseconds",
  }),
  events: { firstOf: [{ body: "employees.*.action" }, { value: "change" }] },
});
