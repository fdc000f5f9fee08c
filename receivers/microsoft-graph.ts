import {
  defineReceiver,
  echo,
  failed,
  jwt,
  listSetting,
  ReceiverRequest,
  type Scheme,
  textSetting,
  token,
  unverifiedData,
  type VerifyContext,
  valuesAt,
} from "../src/receiver/index.ts";

const clientState = token({ field: "value.*.clientState" });

/**
 * Microsoft Graph, change notifications: every item of the body carries your `clientState`. By setting, the tokens beside
 * encrypted resource data are checked too. The events are the `changeType` of the items, or their `lifecycleEvent`.
 */
export const microsoftGraph = defineReceiver({
  name: "microsoft-graph",
  title: "Microsoft Graph",
  docs: "https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup:
    "Create a subscription with the Graph API, with this URL as `notificationUrl` and `lifecycleNotificationUrl`, and a `clientState` of your own.",
  secretName: "the `clientState` of the subscriptions, at most 128 characters",
  eventNames: "`created`, `updated` or `deleted`; of a subscription's life, `reauthorizationRequired`, `subscriptionRemoved` or `missed`.",
  notes: [
    "`clientState` proves nothing of the body: fetch the resource. A delivery whose items carry different ones is refused.",
    "Encrypted resource data is neither checked nor decrypted: `dataSignature` and the keys are the handler's, who opens it with `decryptKey` and `decryptCbc`.",
    "Items have no id that all of them carry, so a redelivery is not recognized.",
  ],
  settings: {
    appId: textSetting({ about: "The application's id. Where it is set, encrypted resource data needs valid `validationTokens`." }),
    tenantIds: listSetting({ about: "With `appId`: the tenants whose tokens are accepted. Without one none is." }),
  },
  verify: ({ appId, tenantIds }): Scheme<Buffer> => (appId === undefined ? clientState : withTokens(appId, tenantIds)),
  events: { firstOf: [{ body: "value.*.lifecycleEvent" }, { body: "value.*.changeType" }] },
  account: { body: "value.*.tenantId" },
  handshakes: [
    {
      proof: "none",
      method: "POST",
      answer: ({ query }) => (query.has("validationToken") ? echo(query.getAll("validationToken").join()) : undefined),
    },
  ],
  respond: { status: 202 },
  timeLimitMs: 10_000,
});

/** The client state, and then every token; items with encrypted data need at least one. */
function withTokens(appId: string, tenantIds: readonly string[]): Scheme<Buffer> {
  const scheme = jwt({
    header: "Authorization",
    algorithms: ["RS256"],
    key: { jwks: "https://login.microsoftonline.com/common/discovery/v2.0/keys" },
    issuer: tenantIds.flatMap((id) => [`https://sts.windows.net/${id}/`, `https://login.microsoftonline.com/${id}/v2.0`]),
    audience: appId,
    check: ({ azp, appid }) =>
      (azp ?? appid) === publisher ? undefined : failed("claim_mismatch", "A validation token is not issued to Graph's publisher."),
  });
  const isValid = (text: unknown, { url }: ReceiverRequest, context: VerifyContext) => {
    const request = new ReceiverRequest({ method: "POST", url, rawHeaders: ["Authorization", String(text)] });
    return scheme.verify(request, [{ text: appId }], context);
  };
  return {
    ...clientState,
    isRemote: true,
    async verify(request, keys, context) {
      const proof = clientState.verify(request, keys, context);
      if (!proof.verified) return proof;
      const data = unverifiedData(request);
      const tokens = valuesAt(data, "validationTokens.*");
      if (tokens.length === 0 && valuesAt(data, "value.*.encryptedContent").length === 0) return proof;
      if (tokens.length === 0 || tokens.length > maxTokens)
        return failed("signature_missing", `Encrypted data needs 1 to ${maxTokens} validation tokens.`);
      for (const text of tokens) {
        const found = await isValid(text, request, context);
        if (!found.verified) return found;
      }
      return proof;
    },
  };
}

/** The application that publishes change notifications. */
const publisher = "0bf30f3b-4a52-48df-9a82-234910c4a086";
const maxTokens = 20;
