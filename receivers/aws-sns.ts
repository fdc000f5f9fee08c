import {
  type AllowedUrls,
  allowedUrl,
  answerWhen,
  certificateSignature,
  defineReceiver,
  failed,
  flagSetting,
  type HandshakeOutcome,
  listSetting,
  type ReceiverRequest,
  type SignedAlternatives,
  unverifiedData,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/** Hosts of SNS alone: a looser pattern would take `sns.s3.amazonaws.com`, which is somebody's bucket. */
const hosts = /sns\.[a-z]{2}(?:-gov)?-[a-z]+-\d\.amazonaws\.com(?:\.cn)?/;
const confirmations: AllowedUrls = { hosts, path: /\//, allowsQuery: true };

/**
 * Amazon SNS: RSA by SNS's certificate over the members of the message, for the configured topics. The event is `Type`; what
 * was published is in `Message`. A subscription is confirmed, after the proof, by calling its `SubscribeURL`.
 */
export const awsSns = defineReceiver({
  name: "aws-sns",
  title: "Amazon SNS",
  docs: "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
  category: "cloud and infrastructure",
  confirmed: "library",
  setup: "Subscribe the URL to the topic with protocol HTTPS and raw message delivery off; the subscription is confirmed by itself.",
  secretName: "the ARN of the topic",
  eventNames: "`Notification` or `UnsubscribeConfirmation`.",
  notes: [
    "SNS signs for every AWS customer, so only messages of the configured topics are taken.",
    "The certificate is believed since SNS's host serves it over TLS; `issuers` makes its chain count as well.",
    "Topics sign with SHA-1 (version 1) unless `SignatureVersion` is set to 2; then set `requireVersion2`.",
    "`MessageAttributes` and `UnsubscribeURL` are not signed, so they are not in the data.",
    "A message older than an hour, the longest that SNS retries, is refused.",
  ],
  settings: {
    requireVersion2: flagSetting({ about: "Whether signatures with SHA-1, those of version 1, are refused." }),
    issuers: listSetting({ about: "Certificates in PEM, one of which must have issued SNS's own. Default: that is not looked at." }),
  },
  verify: ({ requireVersion2, issuers }) =>
    certificateSignature({
      from: { body: "Signature" },
      recipient: { body: "TopicArn" },
      timestamp: { body: "Timestamp" },
      timeUnit: "iso",
      tolerance: { pastSeconds: 3_600, futureSeconds: 60 },
      hash: { from: { body: "SignatureVersion" }, values: { ...(requireVersion2 ? {} : { "1": "sha1" }), "2": "sha256" } },
      signed: { coversBody: true, coversUrl: false, read: signedText },
      certificateUrl: { body: "SigningCertURL" },
      certificate: {
        allowed: { hosts, path: /\/SimpleNotificationService-[0-9a-f]+\.pem/ },
        trust: issuers.length > 0 ? { roots: issuers } : "url-only",
      },
    }),
  body: { kinds: ["json"], ignoreContentType: true },
  // Read as the proof read it: were it read in another way, what is seen could be other than what is signed.
  data: ({ data }) => Object.fromEntries(signedMembers(data) ?? []),
  events: { body: "Type" },
  deliveryId: { body: "MessageId" },
  sentAt: { from: { body: "Timestamp" }, unit: "iso" },
  account: { body: "TopicArn" },
  handshakes: [answerWhen("Type", "SubscriptionConfirmation", confirmation)],
  timeLimitMs: 15_000,
});

const common = ["Message", "MessageId", "Timestamp", "TopicArn", "Type"];
const membersByType: Readonly<Record<string, readonly string[]>> = {
  Notification: [...common, "Subject"].sort(),
  SubscriptionConfirmation: [...common, "SubscribeURL", "Token"].sort(),
  UnsubscribeConfirmation: [...common, "SubscribeURL", "Token"].sort(),
};

/** What is signed, in order. A line break anywhere but in `Message` could pass one member off as several. */
function signedMembers(data: unknown): readonly (readonly [string, string])[] | undefined {
  const [type] = valuesAt(data, "Type");
  const names = typeof type === "string" && Object.hasOwn(membersByType, type) ? membersByType[type] : undefined;
  const members: [string, string][] = [];
  for (const name of names ?? []) {
    const [value] = valuesAt(data, name);
    if (name === "Subject" && (value === undefined || value === null)) continue;
    if (typeof value !== "string" || (name !== "Message" && value.includes("\n"))) return undefined;
    members.push([name, value]);
  }
  return names && members;
}

function signedText(request: ReceiverRequest): SignedAlternatives {
  const members = signedMembers(unverifiedData(request));
  if (!members) return failed("signed_part_missing", "A signed member of the message is missing, is no text or has line breaks.");
  return { alternatives: [members.map(([name, value]) => `${name}\n${value}\n`)] };
}

function confirmation({ data }: VerifiedRequest): HandshakeOutcome {
  const [url] = valuesAt(data, "SubscribeURL");
  const allowed = typeof url === "string" ? allowedUrl(url, confirmations) : undefined;
  return allowed === undefined ? "refused" : { status: 200, headers: {}, body: "", confirm: { url: allowed } };
}
