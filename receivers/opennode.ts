import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** OpenNode: HMAC-SHA256 of the charge's id alone, in the form field `hashed_order`. The event is the charge's `status`. */
export const opennode = defineReceiver({
  name: "opennode",
  title: "OpenNode",
  docs: "https://developers.opennode.com/docs/general",
  category: "crypto",
  confirmed: "library",
  setup: "Give the URL as `callback_url` of each charge or withdrawal.",
  secretName: "the API key that made the charge or withdrawal",
  eventNames: "The form's `status`, such as `paid`, `processing`, `underpaid` or `expired`.",
  notes: [
    "Only the id is signed, so the status may be another: fetch the charge with `GET /v1/charge/:id` before goods are sent.",
    "Callbacks of withdrawals are signed in the same way. No time is signed.",
  ],
  verify: hmac({ from: { body: "hashed_order" }, signed: "{field:id}" }),
  body: "form",
  events: { body: "status" },
});
