import {
  defineReceiver,
  echo,
  fixedAnswer,
  type HandshakeOutcome,
  hmacNamedBy,
  listSetting,
  type ReceiverRequest,
} from "../src/receiver/index.ts";

/**
 * WebSub (PubSubHubbub), as of YouTube and feeds: HMAC of the body in `X-Hub-Signature`, with the hash that the header names. There is
 * one event, `update`. The hub's GET is answered for topics in the settings alone.
 */
export const websub = defineReceiver({
  name: "websub",
  title: "WebSub",
  docs: "https://www.w3.org/TR/websub/",
  category: "standards",
  confirmed: "known",
  setup:
    "Send the hub a subscription with this URL as `hub.callback` and a `hub.secret` of your own; list its topic in the settings first.",
  secretName: "the subscription's `hub.secret`",
  eventNames: "Always `update`.",
  notes: [
    "The topic stands in a `Link` header that is not signed: give each subscription an id of its own in the URL.",
    "Bodies that are not UTF-8 are refused with 400. No time is signed, and a delivery has no id. A subscription ends when its lease does; subscribe again before.",
    "The hub chooses the hash; many know only SHA-1. A subscription without a secret is never accepted.",
    "Confirmed by W3C WebSub, sections 5.2, 5.3 and 7.1.",
  ],
  settings: {
    topics: listSetting({ about: "The topics, as absolute URLs, to which subscriptions are confirmed." }),
    endedTopics: listSetting({ about: "The topics whose subscriptions may end; no other unsubscription is confirmed." }),
  },
  verify: hmacNamedBy({
    header: "X-Hub-Signature",
    hashName: "prefix",
    hashes: { "sha256=": "sha256", "sha384=": "sha384", "sha512=": "sha512", "sha1=": "sha1" },
  }),
  secretBytes: { max: 199 },
  body: { kinds: ["xml", "json", "any"] },
  events: { value: "update" },
  handshakes: ({ topics, endedTopics }) => [
    { proof: "none", method: "GET", answer: (request) => answerHub(request, { subscribe: topics, unsubscribe: endedTopics }) },
  ],
});

function answerHub({ query }: ReceiverRequest, wanted: Readonly<Record<string, readonly string[]>>): HandshakeOutcome {
  const mode = query.get("hub.mode") ?? "";
  if (mode === "denied") return fixedAnswer(200);
  const topics = Object.hasOwn(wanted, mode) ? (wanted[mode] ?? []) : [];
  return topics.includes(query.get("hub.topic") ?? "") ? echo(query.get("hub.challenge")) : fixedAnswer(404);
}
