import { answerWhen, defineReceiver, fixedAnswer, headerSetting, token } from "../src/receiver/index.ts";

/**
 * Azure Container Registry: it signs nothing, but sends the headers that are entered with the webhook, one of which has a secret.
 * The event is the body's `action`. A `ping` is answered and reaches no handler.
 */
export const azureContainerRegistry = defineReceiver({
  name: "azure-container-registry",
  aliases: ["azurecontainerregistry"],
  title: "Azure Container Registry",
  docs: "https://learn.microsoft.com/en-us/azure/container-registry/container-registry-webhook-reference",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "In the registry under Webhooks, add one with the URL, and `Authorization: <secret>` under custom headers.",
  secretName: "a secret of your own: the whole value of the header, such as `Bearer <random text>`, or the code in the URL, `?code=`",
  eventNames: "The body's `action`: `push`, `delete`, `quarantine`, `chart_push`, `chart_delete`.",
  notes: ["The proof says nothing about the body: ask the registry for the image before acting on it."],
  settings: {
    tokenHeader: headerSetting({ about: "The name of the custom header that has the secret.", default: "Authorization" }),
  },
  verify: ({ tokenHeader }) => token({ header: tokenHeader, parameter: "code" }),
  events: { body: "action" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "request.host" },
  handshakes: [answerWhen("action", "ping", () => fixedAnswer(200))],
});
