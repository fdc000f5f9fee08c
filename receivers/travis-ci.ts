import {
  bodyOrField,
  defineReceiver,
  failed,
  publicKeyDocument,
  type ReceiverRequest,
  rsa,
  unverifiedData,
  urlSetting,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Travis CI: RSA with SHA-1 over the JSON in the form's field `payload`, in `Signature`, with Travis' published key. The key signs for
 * every customer, so your repositories are configured. The event is the build's `state`.
 */
export const travisCi = defineReceiver({
  name: "travis-ci",
  title: "Travis CI",
  docs: "https://docs.travis-ci.com/user/notifications/#configuring-webhook-notifications",
  category: "source control and CI",
  confirmed: "known",
  setup: "Put the URL under `notifications.webhooks` in `.travis.yml`.",
  secretName: "the repository as `owner/name`, or its owner alone; it is no secret, but only its builds are accepted",
  eventNames: "The build's `state`, such as `passed`, `failed`, `errored` or `started`.",
  notes: [
    "Travis' key signs for every repository there; what ties a build to yours is `repository` in the signed payload.",
    "SHA-1 is Travis' choice. No time is signed.",
    "A build is delivered at its start and at its end; the delivery id is made of its id, state and times.",
    "Confirmed by travis-ci/docs-travis-ci-com, `user/notifications.md`, and several public receivers.",
  ],
  settings: { configUrl: urlSetting({ about: "Where the server publishes its key.", default: "https://api.travis-ci.com/config" }) },
  verify: ({ configUrl }) => {
    const signed = rsa({
      header: "Signature",
      hash: "sha1",
      remoteKey: { document: () => publicKeyDocument(configUrl, keyIn) },
      signed: bodyOrField("payload"),
    });
    return {
      ...signed,
      async verify(request, keys, context) {
        const secretIndex = keys.findIndex((key) => repositoryNames(request).includes(String(key)));
        if (secretIndex < 0) return failed("claim_mismatch", "The build is of a repository that is not configured.");
        const proof = await signed.verify(request, keys, context);
        return proof.verified ? { verified: true, secretIndex } : proof;
      },
    };
  },
  secretBytes: { min: 1 },
  body: { kinds: ["form"], jsonField: "payload" },
  events: { body: "state" },
  deliveryId: ({ data }) => ["id", "state", "started_at", "finished_at"].flatMap((name) => valuesAt(data, name)).join("/"),
  sentAt: { from: { firstOf: [{ body: "finished_at" }, { body: "started_at" }] }, unit: "iso" },
  account: { joined: [{ body: "repository.owner_name" }, { body: "repository.name" }], separator: "/" },
  sample: (_event, deliveryId) => ({ body: { id: deliveryId, repository: { owner_name: "owner", name: "name" } } }),
});

/** `owner/name`, and `owner`. */
function repositoryNames(request: ReceiverRequest): readonly string[] {
  const [text] = valuesAt(unverifiedData(request), "payload");
  const payload: unknown = parsed(String(text));
  const [owner] = valuesAt(payload, "repository.owner_name");
  const [name] = valuesAt(payload, "repository.name");
  return typeof owner === "string" && owner !== "" && typeof name === "string" ? [`${owner}/${name}`, owner] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyIn(body: Buffer): string {
  const [key] = valuesAt(parsed(body.toString("utf8")), "config.notifications.webhook.public_key");
  return typeof key === "string" ? key : "";
}
