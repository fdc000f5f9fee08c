import { defineReceiver, headerSetting, token } from "../src/receiver/index.ts";

/** Fillout forms: a custom header of the webhook integration. Every delivery is a `submission`. */
export const fillout = defineReceiver({
  name: "fillout",
  title: "Fillout",
  docs: "https://fillout.com/help/webhook",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Under the form's Integrate, Webhook choose the advanced mode, enter the URL and add a header `X-Webhook-Secret`.",
  secretName: "the value of the header",
  eventNames: "`submission`, always.",
  notes: [
    "The header proves nothing of the body: fetch the submission through the API before you rely on it.",
    "A webhook that is made by the API, or in the simple mode, has no header and is refused.",
    "Webhooks of Fillout's tables are another product, signed in `X-Webhook-Signature`; they are not read here.",
  ],
  settings: { header: headerSetting({ about: "The header with the secret.", default: "X-Webhook-Secret" }) },
  verify: ({ header }) => token({ header }),
  events: { value: "submission" },
  // A submission that is changed later keeps its id.
  deliveryId: {
    firstOf: ["submission.", ""].map((at) => ({
      joined: [{ body: `${at}submissionId` }, { body: `${at}lastUpdatedAt` }],
      separator: ":",
    })),
  },
});
