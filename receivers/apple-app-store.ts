import {
  certificateJws,
  choiceSetting,
  defineReceiver,
  failed,
  jwsPayload,
  listSetting,
  type ReceiverRequest,
  type Scheme,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/** Apple Root CA - G3, SHA-256 63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3653e9179. https://www.apple.com/certificateauthority/ */
const appleRoot = `-----BEGIN CERTIFICATE-----
MIICQzCCAcmgAwIBAgIILcX8iNLFS5UwCgYIKoZIzj0EAwMwZzEbMBkGA1UEAwwS
QXBwbGUgUm9vdCBDQSAtIEczMSYwJAYDVQQLDB1BcHBsZSBDZXJ0aWZpY2F0aW9u
IEF1dGhvcml0eTETMBEGA1UECgwKQXBwbGUgSW5jLjELMAkGA1UEBhMCVVMwHhcN
MTQwNDMwMTgxOTA2WhcNMzkwNDMwMTgxOTA2WjBnMRswGQYDVQQDDBJBcHBsZSBS
b290IENBIC0gRzMxJjAkBgNVBAsMHUFwcGxlIENlcnRpZmljYXRpb24gQXV0aG9y
aXR5MRMwEQYDVQQKDApBcHBsZSBJbmMuMQswCQYDVQQGEwJVUzB2MBAGByqGSM49
AgEGBSuBBAAiA2IABJjpLz1AcqTtkyJygRMc3RCV8cWjTnHcFBbZDuWmBSp3ZHtf
TjjTuxxEtX/1H7YyYl3J6YRbTzBPEVoA/VhYDKX1DyxNB0cTddqXl5dvMVztK517
IDvYuVTZXpmkOlEKMaNCMEAwHQYDVR0OBBYEFLuw3qFYM4iapIqZ3r6966/ayySr
MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMDA2gA
MGUCMQCD6cHEFl4aXTQY2e3v9GwOAEZLuN+yRhHFD/3meoyhpmvOwgPUnPWTxnS4
at+qIxUCMG1mihDK1A3UT82NQz60imOlM27jbdoXt2QfyFMm+YhidDkLF1vLUagM
6BgD56KyKA==
-----END CERTIFICATE-----`;

/**
 * App Store Server Notifications V2: `signedPayload` is a JWS by a certificate that Apple issued for this purpose. Handlers see
 * its payload. The event is `notificationType` with the `subtype`.
 */
export const appleAppStore = defineReceiver({
  name: "apple-app-store",
  title: "Apple App Store",
  docs: "https://developer.apple.com/documentation/appstoreservernotifications",
  category: "social, media and creators",
  confirmed: "library",
  setup: "Enter the URL as server URL, version 2, under App Information in App Store Connect, one for production and one for the sandbox.",
  secretName: "the app's bundle id, such as `com.example.app`",
  eventNames: "`notificationType` and `subtype`, such as `SUBSCRIBED.INITIAL_BUY`, `DID_RENEW` or `TEST`.",
  notes: [
    "Sandbox purchases cost nothing and are signed in the same way: they are refused unless `environment` is `Sandbox` or `any`.",
    "`signedTransactionInfo` and `signedRenewalInfo` are tokens inside the signed payload: `jwsPayload` opens them.",
    "`signedDate` is not held against the clock, since Apple retries for days. Revocation is not asked for.",
    "The numeric Apple id of the app is not compared; the bundle id is.",
  ],
  settings: {
    environment: choiceSetting(["Production", "Sandbox", "any"], {
      about: "Whose notifications are taken: those of real purchases, of the sandbox, or of both.",
      default: "Production",
    }),
    roots: listSetting({ about: "Root certificates, PEM, for tests. Default: Apple Root CA - G3.", default: [appleRoot] }),
  },
  verify: ({ environment, roots }) => notifications(environment, roots),
  secretBytes: { min: 3 },
  data: ({ request }) => payloadOf(request),
  events: { joined: [{ body: "notificationType" }, { body: "subtype" }] },
  deliveryId: { body: "notificationUUID" },
  sentAt: { from: { body: "signedDate" }, unit: "milliseconds" },
});

function notifications(environment: string, roots: readonly string[]): Scheme<Buffer> {
  const signed = certificateJws({
    member: "signedPayload",
    roots,
    recipient: ["data.bundleId", "summary.bundleId", "externalPurchaseToken.bundleId", "appData.bundleId"],
    chainLength: 3,
    leafExtensions: ["1.2.840.113635.100.6.11.1"],
    issuerExtensions: ["1.2.840.113635.100.6.2.1"],
    signedAt: { path: "signedDate", unit: "milliseconds", tolerance: "unchecked" },
  });
  return {
    ...signed,
    async verify(request, keys, context) {
      const proof = await signed.verify(request, keys, context);
      if (!proof.verified || environment === "any" || environmentOf(request) === environment) return proof;
      return failed("claim_mismatch", "The notification is of another environment than the setting `environment`.");
    },
  };
}

/** As Apple's library reads it: an external purchase says it in its id. */
function environmentOf(request: ReceiverRequest): unknown {
  const payload = payloadOf(request);
  const [id] = valuesAt(payload, "externalPurchaseToken.externalPurchaseId");
  const external = typeof id === "string" ? [id.startsWith("SANDBOX") ? "Sandbox" : "Production"] : [];
  return ["data", "summary", "appData"].flatMap((part) => valuesAt(payload, `${part}.environment`)).concat(external)[0];
}

function payloadOf(request: ReceiverRequest): unknown {
  return jwsPayload(valuesAt(unverifiedData(request), "signedPayload")[0]);
}
