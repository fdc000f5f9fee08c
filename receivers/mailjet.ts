import { basic, defineReceiver } from "../src/receiver/index.ts";

/** Mailjet, event API: basic credentials from the URL. They say nothing of the body. The events are the `event` of each item. */
export const mailjet = defineReceiver({
  name: "mailjet",
  title: "Mailjet",
  docs: "https://dev.mailjet.com/email/guides/webhooks/",
  category: "e-mail and marketing",
  confirmed: "known",
  setup: "Under Account settings, Event notifications, enter the URL with user and password in it: `https://user:password@…`.",
  secretName: "user and password, with a colon between them",
  eventNames: "Each item's `event`: `sent`, `open`, `click`, `bounce`, `spam`, `blocked` or `unsub`.",
  notes: [
    "The credentials do not cover the body. A delivery has no id; recognise events by `Message_GUID`, `event` and `time`.",
    "Anything but 200 is tried again every 30 seconds for a day. Grouped events come as a list, others alone.",
    "`MessageID` is too long for a number: the data hold it rounded.",
    "Confirmed by mailjet/api-documentation, `guides/_event-api.md`.",
  ],
  verify: basic(),
  events: { firstOf: [{ body: "*.event" }, { body: "event" }] },
});
