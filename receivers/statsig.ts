import {
  defineReceiver,
  echoJson,
  type HandshakeOutcome,
  hmac,
  type ReceiverRequest,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Statsig: HMAC-SHA256 of `v0`, time and body in `X-Statsig-Signature`. The body's `data` is a list of events, each with an
 * `eventName`; what users do comes as the bare list. Before that, an unsigned `url_verification` wants its code back.
 */
export const statsig = defineReceiver({
  name: "statsig",
  title: "Statsig",
  docs: "https://docs.statsig.com/integrations/event_webhook",
  category: "monitoring and dev tools",
  confirmed: "documented",
  setup: "Add the generic webhook under Integrations in the project's settings, enter the URL and copy the signing secret.",
  secretName: "the integration's signing secret",
  eventNames: "Each item's `eventName`, such as `statsig::config_change` or `statsig::gate_exposure`.",
  notes: [
    "The time is in milliseconds. Statsig names no tolerance; five minutes is our choice.",
    "The code of `url_verification` is sent back unverified, as public receivers of Statsig do; that Statsig leaves it unsigned is their word.",
  ],
  verify: hmac({
    header: "X-Statsig-Signature",
    signature: { form: "whole", prefix: "v0=" },
    timestampHeader: "X-Statsig-Request-Timestamp",
    timeUnit: "milliseconds",
    signed: "v0:{timestamp}:{body}",
  }),
  events: { firstOf: [{ body: "data.*.eventName" }, { body: "*.eventName" }] },
  handshakes: [{ proof: "none", method: "POST", answer: sendCodeBack }],
});

function sendCodeBack(request: ReceiverRequest): HandshakeOutcome {
  const data = request.body.length > maxCheck ? undefined : unverifiedData(request);
  if (valuesAt(data, "data.event")[0] !== "url_verification") return undefined;
  return echoJson("verification_code", valuesAt(data, "data.verification_code")[0]);
}

/** Bytes: longer bodies are events, and are not parsed before they are proved. */
const maxCheck = 4_096;
