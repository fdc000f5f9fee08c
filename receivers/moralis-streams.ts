import {
  answerWhen,
  decodeHex,
  defineReceiver,
  failed,
  fixedAnswer,
  hmac,
  matchesAny,
  matchingKey,
  type Scheme,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/** Where the hash comes from: a package that is installed for this receiver alone. */
const hashPackage = "@noble/hashes";

/** Places and secret as with an HMAC; but the hash is Keccak-256 of body and secret, which Node.js lacks. */
const { sign: _hmac, ...facts } = hmac({ header: "x-signature" });

const keccak: Scheme<Buffer> = {
  ...facts,
  name: "keccak",
  async verify({ headers, body }, keys) {
    const values = headers.all("x-signature");
    const [value = ""] = values;
    if (values.length > 1) return failed("signature_repeated", "The header x-signature occurs more than once.");
    if (value === "") return failed("signature_missing", "The header x-signature is missing.");
    const signature = value.startsWith("0x") ? decodeHex(value.slice(2)) : undefined;
    if (signature?.length !== 32) return failed("signature_malformed", "x-signature is not `0x` and 64 hexadecimal digits.");
    const hashes = await import("@noble/hashes/sha3.js").catch(() => undefined);
    if (!hashes) return failed("verification_failed", `The proof needs the package ${hashPackage}: npm install ${hashPackage}`);
    const secretIndex = matchingKey(keys, (key) => matchesAny(Buffer.from(hashes.keccak_256(Buffer.concat([body, key]))), [signature]));
    return secretIndex < 0
      ? failed("signature_mismatch", "No secret matches, or the body was changed on its way.")
      : { verified: true, secretIndex };
  },
};

/**
 * Moralis Streams: Keccak-256 of the body with the secret behind it, in `x-signature`. The event is the stream's `tag`, with
 * `.confirmed` or `.unconfirmed` behind it as a second name. The empty body that tests the URL is answered after the proof.
 */
export const moralisStreams = defineReceiver({
  name: "moralis-streams",
  title: "Moralis Streams",
  docs: "https://docs.moralis.com/streams/webhooks/webhook-security",
  category: "crypto",
  confirmed: "library",
  setup: `Create a stream with this URL; the secret is in the settings of Streams. Install the package ${hashPackage}, which computes the hash.`,
  secretName: "the account's streams secret",
  eventNames: "The stream's `tag`, such as `transfers`, and also `transfers.confirmed` or `transfers.unconfirmed`.",
  notes: [
    "A block comes twice, unconfirmed and confirmed. A delivery has no id and no signed time, so a redelivery is not recognized.",
    "Signed are the raw bytes; Moralis sends them as `JSON.stringify` writes them.",
  ],
  verify: keccak,
  events: eventsOf,
  handshakes: [answerWhen("chainId", "", () => fixedAnswer(200)), answerWhen("streamId", "", () => fixedAnswer(200))],
  account: { body: "streamId" },
  sample: (event) => (event === undefined ? {} : { body: { tag: event } }),
});

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  const [tag] = valuesAt(data, "tag");
  const [isConfirmed] = valuesAt(data, "confirmed");
  if (typeof tag !== "string" || tag === "") return [];
  return typeof isConfirmed === "boolean" ? [tag, `${tag}.${isConfirmed ? "" : "un"}confirmed`] : [tag];
}
