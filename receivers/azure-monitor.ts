import {
  type Claims,
  defineReceiver,
  failed,
  jwt,
  payloadTypes,
  type Scheme,
  textAt,
  textSetting,
  token,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

/**
 * Azure Monitor action groups: a secret of your own in the URL as `?code=…`; or, with the setting `entraTenant`, the Microsoft
 * Entra token of a secure webhook. A common alert is `Fired` or `Resolved`, and also `Fired.<alert rule>`; older alerts have
 * the name of their rule.
 */
export const azureMonitor = defineReceiver({
  name: "azure-monitor",
  aliases: ["azurealert"],
  title: "Azure Monitor",
  docs: "https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/action-groups",
  category: "cloud and infrastructure",
  confirmed: "known",
  setup: "In an action group add a webhook with the URL and `?code=<secret>`, or a secure webhook; switch the common alert schema on.",
  secretName: "a secret of your own, which stands in the URL as `?code=…`; with `entraTenant` the secure webhook's identifier URI",
  eventNames: "`Fired`, `Resolved` and `Fired.<alert rule>` in the common schema; else the alert's name, or the body's `schemaId`.",
  notes: [
    "Neither proof says anything about the body: ask Azure for the alert before acting on it.",
    "The token of a secure webhook is checked as that of the public cloud: issuer, audience, expiry, the caller and its role.",
    "An alert has one id for its whole life, so condition and times belong to the delivery id.",
  ],
  settings: {
    entraTenant: textSetting({
      about: "The id of the Microsoft Entra tenant, for secure webhooks: tokens are then demanded, and no code.",
    }),
    entraCaller: textSetting({
      about: "The application id of the caller in tokens; the default is that of action groups.",
      default: "461e8683-5575-4561-ac7f-899cc907d62a",
    }),
  },
  verify: ({ entraTenant, entraCaller }) =>
    entraTenant === undefined ? token({ parameter: "code" }) : secureWebhook(entraTenant, entraCaller),
  events: eventsOf,
  deliveryId: {
    firstOf: [
      { joined: ["alertId", "monitorCondition", "firedDateTime", "resolvedDateTime"].map((name) => ({ body: `data.essentials.${name}` })) },
      { joined: ["context.id", "status", "context.timestamp"].map((body) => ({ body })) },
    ],
  },
  sentAt: {
    from: {
      firstOf: [{ body: "data.essentials.resolvedDateTime" }, { body: "data.essentials.firedDateTime" }, { body: "context.timestamp" }],
    },
    unit: "iso",
  },
  account: subscriptionOf,
  payloads: payloadTypes<AzureMonitorPayloads>(),
  sample: (event) => {
    const [monitorCondition, alertRule] = event?.split(/\.(.*)/s) ?? [];
    return { body: { schemaId: commonSchema, data: { essentials: { monitorCondition, alertRule } } } };
  },
});

const commonSchema = "azureMonitorCommonAlertSchema";

/** The token that Entra issues to action groups for the application whose identifier URI is the configured text. */
function secureWebhook(tenant: string, caller: string): Scheme {
  const roles = ["ActionGroupsSecureWebhook"];
  return jwt({
    header: "Authorization",
    prefix: "Bearer ",
    algorithms: ["RS256"],
    key: { jwks: `https://login.microsoftonline.com/${encodeURIComponent(tenant)}/discovery/v2.0/keys` },
    issuer: [`https://sts.windows.net/${tenant}/`, `https://login.microsoftonline.com/${tenant}/v2.0`],
    binds: { claim: "aud" },
    check: (claims: Claims) => {
      const isCaller = (claims["appid"] ?? claims["azp"]) === caller;
      const hasRole = roles.every((role) => Array.isArray(claims["roles"]) && claims["roles"].includes(role));
      return isCaller && hasRole ? undefined : failed("claim_mismatch", "The token is not that of action groups, or lacks their role.");
    },
    claimsToSign: { appid: caller, roles },
  }) as Scheme;
}

function eventsOf({ data }: VerifiedRequest): string | readonly string[] | undefined {
  const condition = textAt(data, "data.essentials.monitorCondition");
  if (condition === undefined) return textAt(data, "context.name", "data.context.name", "schemaId");
  const rule = textAt(data, "data.essentials.alertRule");
  return rule === undefined ? condition : [condition, `${condition}.${rule}`];
}

function subscriptionOf({ data }: VerifiedRequest): string | undefined {
  const id = textAt(data, "data.essentials.alertId") ?? "";
  return textAt(data, "context.subscriptionId") ?? /^\/subscriptions\/([^/]+)\//i.exec(id)?.[1];
}

/** What each event carries. Older alerts have names of their own, which `*` stands for. */
export interface AzureMonitorPayloads {
  Fired: AzureCommonAlert;
  Resolved: AzureCommonAlert;
  [rule: `Fired.${string}` | `Resolved.${string}`]: AzureCommonAlert;
  "*": AzureCommonAlert | AzureAlertNotification;
}

/** An alert in the common alert schema. */
export interface AzureCommonAlert {
  readonly schemaId: string;
  readonly data: {
    readonly essentials: AzureAlertEssentials;
    /** Differs with the `monitoringService`. */
    readonly alertContext: unknown;
    readonly customProperties?: Readonly<Record<string, string>> | null;
  };
}

/** What all alerts of the common schema have. Times are ISO 8601. */
export interface AzureAlertEssentials {
  readonly alertId: string;
  readonly alertRule: string;
  /** `Sev0`, the gravest, to `Sev4`. */
  readonly severity: string;
  /** `Metric`, `Log` or `Activity Log`. */
  readonly signalType: string;
  readonly monitorCondition: string;
  readonly monitoringService: string;
  readonly alertTargetIDs: readonly string[];
  readonly configurationItems?: readonly string[];
  readonly originAlertId: string;
  readonly firedDateTime: string;
  readonly resolvedDateTime?: string;
  readonly description?: string;
  readonly essentialsVersion: string;
  readonly alertContextVersion: string;
}

/** A classic alert. */
export interface AzureAlertNotification {
  /** `Activated` or `Resolved`. */
  readonly status: string;
  readonly context: AzureAlertContext;
  readonly properties?: Readonly<Record<string, unknown>> | null;
}

/** The rule of a classic alert, and the resource that it watches. */
export interface AzureAlertContext {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly conditionType: string;
  readonly subscriptionId: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly condition: AzureAlertCondition;
  readonly resourceGroupName: string;
  readonly resourceName: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly resourceRegion?: string;
  readonly portalLink: string;
}

/** What made a classic alert go off. Numbers are text. */
export interface AzureAlertCondition {
  readonly metricName?: string;
  readonly metricUnit?: string;
  readonly metricValue?: string;
  readonly threshold?: string;
  readonly windowSize?: string;
  readonly timeAggregation?: string;
  readonly operator?: string;
  readonly failureDetails?: string;
  readonly webTestName?: string;
}
