import { defineReceiver, headerSetting, textAt, token } from "../src/receiver/index.ts";

/**
 * Dynamics 365 and Dataverse: the execution context of a step as JSON. Nothing is signed, but a header with a secret, or a
 * code for the URL, can be registered. The event `Create` of an account is both `Create` and `Create.account`.
 */
export const dynamicsCrm = defineReceiver({
  name: "dynamics-crm",
  aliases: ["dynamicscrm"],
  title: "Dynamics 365 / Dataverse",
  docs: "https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-webhooks",
  category: "support and CRM",
  confirmed: "documented",
  setup: "In the Plug-in Registration tool, register a webhook with the URL, HttpHeader as authentication and a header with the secret.",
  secretName: "a secret of your own: the value of the header, or, with WebhookKey as authentication, the code in the URL",
  eventNames: "The body's `MessageName`, such as `Update`, and behind a dot its `PrimaryEntityName`: `Update.contact`.",
  notes: [
    "The proof says nothing about the body: fetch the record before acting on it.",
    "The header `x-ms-dynamics-msg-size-exceeded` says that the body was too large and attributes are left out.",
    "The delivery id is the `OperationId` of an asynchronous step; a synchronous one has none and is not sent again.",
  ],
  settings: {
    tokenHeader: headerSetting({ about: "The name of the registered header that has the secret.", default: "x-webhook-secret" }),
  },
  verify: ({ tokenHeader }) => token({ header: tokenHeader, parameter: "code" }),
  events: { name: { body: "MessageName" }, narrowedBy: { body: "PrimaryEntityName" } },
  eventRequired: false,
  deliveryId: ({ data }) => textAt(data, "OperationId")?.replace(/^[0-]+$/, ""),
  sentAt: { from: ({ data }) => /^\/Date\((\d+)/.exec(textAt(data, "OperationCreatedOn") ?? "")?.[1], unit: "milliseconds" },
  account: { body: "OrganizationId" },
  safeHeaders: [
    "x-ms-dynamics-entity-name",
    "x-ms-dynamics-request-name",
    "x-ms-dynamics-msg-size-exceeded",
    "x-ms-correlation-request-id",
  ],
  timeLimitMs: 60_000,
});
