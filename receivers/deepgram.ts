import { basic, choiceSetting, defineReceiver, token, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Deepgram callbacks: the credentials in the callback's URL; or, by setting, a secret in the extra metadata, or the old
 * `dg-token`. The event is the body's `type` of a streamed result, and `Results` where there is none.
 */
export const deepgram = defineReceiver({
  name: "deepgram",
  title: "Deepgram",
  docs: "https://developers.deepgram.com/docs/callback",
  category: "AI",
  confirmed: "documented",
  setup: "Ask for the transcription with `callback=https://user:password@…`, the password long and random.",
  secretName: 'user and password as `user:password`; with `proof: "metadata"` the secret; with `proof: "dg-token"` the id of the API key',
  eventNames: "`Results`; streamed audio also gives `Metadata`, `UtteranceEnd` and other types.",
  notes: [
    "None of them proves anything of the result. Deepgram gave up `dg-token` on 27 October 2026; it is the name of a key, no secret.",
    'For `proof: "metadata"`, which speech-to-text alone has, ask with `extra=callback_secret:<long random text>`.',
    "Results of streamed audio share one `request_id` and so have no delivery id. Audio from text-to-speech is not read.",
  ],
  settings: {
    proof: choiceSetting(["basic", "metadata", "dg-token"], { about: "What proves a callback.", default: "basic" }),
  },
  verify: ({ proof }) => {
    if (proof === "metadata") return token({ field: "metadata.extra.callback_secret" });
    return proof === "dg-token" ? token({ header: "dg-token" }) : basic();
  },
  methods: ["POST", "PUT"],
  events: { firstOf: [{ body: "type" }, { value: "Results" }] },
  deliveryId: deliveryIdOf,
  sample: (_event, deliveryId) => ({ body: { metadata: { request_id: deliveryId } } }),
});

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [id] = valuesAt(data, "metadata.request_id");
  return typeof id === "string" && valuesAt(data, "type").length === 0 ? id : undefined;
}
