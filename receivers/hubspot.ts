import {
  defineReceiver,
  failed,
  flagSetting,
  hmac,
  type LocalScheme,
  plainDigest,
  type ReceiverRequest,
  strongestOf,
} from "../src/receiver/index.ts";

const v3 = hmac({
  header: "X-HubSpot-Signature-v3",
  encoding: "base64",
  timestampHeader: "X-HubSpot-Request-Timestamp",
  timeUnit: "milliseconds",
  signed: {
    coversBody: true,
    coversUrl: true,
    read: ({ method, url, body }, timestamp) => ({ alternatives: [[method, decoded(url), body, timestamp]] }),
  },
});

const header = "X-HubSpot-Signature";
const v2 = plainDigest({ header, signed: "{secret}{method}{url}{body}" });
const v1 = plainDigest({ header, signed: "{secret}{body}" });

/** The version's own header chooses. A changed one chooses another text, which then does not match. */
const older: LocalScheme<Buffer> = {
  ...v2,
  proofHeaders: [...v2.proofHeaders, "x-hubspot-signature-version"],
  verify(request: ReceiverRequest, keys, context) {
    const version = request.headers.get("X-HubSpot-Signature-Version");
    if (version !== "v1" && version !== "v2") return failed("signature_malformed", "X-HubSpot-Signature-Version is neither v1 nor v2.");
    return (version === "v2" ? v2 : v1).verify(request, keys, context);
  },
};

/** What holds of each version: v1 covers no URL. */
const anyVersion = {
  ...strongestOf([
    { when: { header: "X-HubSpot-Signature-v3" }, scheme: v3 },
    { when: { header }, scheme: older },
  ]),
  signsPath: false,
};

/**
 * HubSpot: HMAC-SHA256 with the app's client secret of method, URL, body and time (v3). The older plain hashes v2 and v1, which leave the
 * time open, are taken where the setting says so, and never where a v3 signature is present. The events are the items' `subscriptionType`.
 */
export const hubspot = defineReceiver({
  name: "hubspot",
  title: "HubSpot",
  docs: "https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation",
  category: "support and CRM",
  confirmed: ["library", "vector"],
  setup: "Set the target URL under Webhooks of the app; the client secret stands under its Auth tab.",
  secretName: "the app's client secret",
  eventNames: "`subscriptionType` of each item, such as `contact.creation` or `deal.propertyChange`. Workflow actions name none.",
  notes: [
    "The URL is signed as it was entered, so `publicUrl` has to give the same.",
    "One delivery carries up to 100 events. HubSpot does not promise that `eventId` is unique, and may repeat an event beside others, so there is no delivery id.",
    "v1 and v2 sign no time, and v1 not even the URL: a recorded request stays valid.",
  ],
  settings: { acceptOlderVersions: flagSetting({ about: "Whether requests without a v3 signature may prove themselves by v2 or v1." }) },
  verify: ({ acceptOlderVersions }) => (acceptOlderVersions ? anyVersion : v3),
  events: { body: "*.subscriptionType" },
  eventRequired: false,
  retryNumber: { body: "*.attemptNumber" },
  account: { body: "*.portalId" },
  timeLimitMs: 5_000,
});

/** The escapes that HubSpot undoes before it signs; all others stay. */
function decoded(url: string): string {
  return url.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, decodeURIComponent);
}
