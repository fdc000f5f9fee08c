import { createHash } from "node:crypto";
import {
  choiceSetting,
  defineReceiver,
  echoJson,
  failed,
  headerSetting,
  jwt,
  originConsent,
  type Scheme,
  textSetting,
  token,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Azure Event Grid, in both its schemas: nothing is signed. A secret of your own stands in the URL as `?code=…` or in a header,
 * or, by setting, a token of Microsoft Entra ID comes along. Validation and consent are answered.
 */
export const azureEventGrid = defineReceiver({
  name: "azure-event-grid",
  title: "Azure Event Grid",
  docs: "https://learn.microsoft.com/en-us/azure/event-grid/secure-webhook-delivery",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup:
    "Create an event subscription whose endpoint is a web hook, with this URL and `?code=` and the secret, or with the secret as a static delivery property; or turn on Microsoft Entra authentication there.",
  secretName: "the secret in the URL or header; with Entra ID, the audience: your application's id or its URI",
  eventNames: "Each event's `eventType` or `type`, such as `Microsoft.Storage.BlobCreated`.",
  notes: [
    "Neither proof covers the body: fetch the resource before you act on an event.",
    "A parameter of the URL ends up in access logs of proxies; a header does not.",
    "Events of the binary mode of CloudEvents are not taken. Validation by calling `validationUrl` is not needed.",
  ],
  settings: {
    proof: choiceSetting(["token", "entra"], {
      about: "How requests are proved: by your secret, or by a token of Entra ID.",
      default: "token",
    }),
    header: headerSetting({ about: "The header of the secret, if it does not stand in the URL.", default: "X-Event-Grid-Secret" }),
    tenantId: textSetting({ about: "With Entra ID: the tenant that issues the tokens. Without it none is accepted." }),
    callerId: textSetting({
      about: "With Entra ID: the application that the tokens are issued to, Event Grid's own in the public cloud.",
      default: "4962773b-9cdb-44cf-a8bf-237846a00ab7",
    }),
  },
  verify: ({ proof, header, tenantId = "none", callerId }): Scheme<unknown> =>
    (proof === "token" ? token({ parameter: "code", header }) : entra(tenantId, callerId)) as Scheme<unknown>,
  events: { firstOf: [{ body: "type" }, { body: "*.eventType" }, { body: "*.type" }] },
  deliveryId: deliveryIdOf,
  retryNumber: { header: "aeg-delivery-count" },
  handshakes: [originConsent(["eventgrid.azure.net"]), { proof: "scheme", method: "POST", answer: validate }],
  safeHeaders: ["aeg-event-type", "aeg-subscription-name"],
  timeLimitMs: 30_000,
  sample: (_event, deliveryId) => ({ body: { id: deliveryId } }),
});

function entra(tenantId: string, callerId: string) {
  return jwt({
    header: "Authorization",
    prefix: "Bearer ",
    algorithms: ["RS256"],
    key: { jwks: "https://login.microsoftonline.com/common/discovery/v2.0/keys" },
    issuer: [`https://sts.windows.net/${tenantId}/`, `https://login.microsoftonline.com/${tenantId}/v2.0`],
    binds: { claim: "aud" },
    check: ({ azp, appid }) =>
      (azp ?? appid) === callerId ? undefined : failed("claim_mismatch", "The token is not issued to Event Grid's application."),
    claimsToSign: { azp: callerId },
  });
}

function validate({ request, data }: VerifiedRequest) {
  return request.headers.get("aeg-event-type") === "SubscriptionValidation"
    ? echoJson("validationResponse", valuesAt(data, "*.data.validationCode")[0])
    : undefined;
}

/** The event's id; of several, a hash of them all, since a batch may come again in other company. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const ids = valuesAt(data, Array.isArray(data) ? "*.id" : "id").filter((id) => typeof id === "string");
  return ids.length < 2 ? ids[0] : createHash("sha256").update(JSON.stringify(ids)).digest("hex");
}
