import { defineReceiver, hmac, listSetting, originConsent } from "../src/receiver/index.ts";

/**
 * Azure Web PubSub, event handlers: HMAC-SHA256 of the connection's id with each access key, in `ce-signature`. The body is not signed.
 * The event is `ce-type`; consent by OPTIONS is given to origins in the settings.
 */
export const azureWebPubsub = defineReceiver({
  name: "azure-web-pubsub",
  title: "Azure Web PubSub",
  docs: "https://learn.microsoft.com/en-us/azure/azure-web-pubsub/reference-cloud-events",
  category: "cloud and infrastructure",
  confirmed: "known",
  setup: "In the hub's settings, add an event handler with this URL as its template; the access keys are under Keys.",
  secretName: "an access key of the service, as it is shown",
  eventNames: "`ce-type`, such as `azure.webpubsub.sys.connected` or `azure.webpubsub.user.message`.",
  notes: [
    "The signature is the same for all that a connection ever sends: who has seen one request can send others in its name.",
    "`connect` and user events wait for the answer, which a handler may set. Binary frames must be UTF-8, else they are refused with 400.",
    "The upstream of Azure SignalR has other headers and is not taken.",
    "Confirmed by MicrosoftDocs/azure-docs, `reference-cloud-events.md`, and the validation in Azure/azure-sdk-for-net.",
  ],
  settings: { allowedOrigins: listSetting({ about: "The host of the service, `<name>.webpubsub.azure.com`; `*` for any." }) },
  verify: hmac({
    header: "ce-signature",
    signature: { form: "list", prefix: "sha256=" },
    signed: "{header:ce-connectionId}",
  }),
  body: { kinds: ["json", "any"], mayBeEmpty: true },
  events: { header: "ce-type" },
  deliveryId: { joined: [{ header: "ce-source" }, { header: "ce-id" }], separator: " " },
  sentAt: { from: { header: "ce-time" }, unit: "iso" },
  account: { header: "ce-hub" },
  handshakes: ({ allowedOrigins }) => [originConsent(allowedOrigins)],
  respond: { status: 204 },
  safeHeaders: ["ce-eventName", "ce-userId", "ce-subprotocol", "ce-specversion"],
  sample: () => ({ headers: { "ce-connectionId": "sample", "ce-id": "1" } }),
});
