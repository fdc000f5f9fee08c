import { defineReceiver, unproven } from "../src/receiver/index.ts";

/** Jotform: it signs nothing, so a code of your own stands in the URL as `?code=…`. The event is always `submission`. */
export const jotform = defineReceiver({
  name: "jotform",
  title: "Jotform",
  docs: "https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "In the form builder add the URL with `?code=` and a random code under Settings, Integrations, WebHooks.",
  secretName: "the code in the URL; Jotform gives out no secret",
  eventNames: "Always `submission`.",
  notes: [
    "Nothing is signed: read the submission again through the API before anything is done.",
    "`rawRequest` holds the answers as JSON text. Uploaded files are not in the data.",
  ],
  verify: unproven(),
  secretBytes: { min: 32 },
  body: { kinds: ["multipart", "form"] },
  events: { value: "submission" },
  deliveryId: { body: "submissionID" },
  account: { body: "username" },
});
