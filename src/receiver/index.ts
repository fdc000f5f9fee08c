export { RequestError } from "../errors.ts";
export type { BodyKind, BodyRule, FormFields } from "./body.ts";
export { parseForm } from "./body.ts";
export {
  allowedMethods,
  type DefaultAnswer,
  defineReceiver,
  type Receiver,
  type ReceiverDefinition,
  type SampleParts,
} from "./define-receiver.ts";
export { answerWhen, echo, echoQuery, emptyAnswer, fixedAnswer, type Handshake, type HandshakeAnswer } from "./handshake.ts";
export { ReceiverRequest, RequestHeaders, type RequestParts, rawHeadersOf } from "./request.ts";
export { type Ed25519Options, ed25519 } from "./schemes/ed25519.ts";
export { type HmacOptions, hmac, type SignedAlternatives, type SignedReader } from "./schemes/hmac.ts";
export type { SignatureForm } from "./schemes/signature-list.ts";
export { type StandardWebhooksKey, type StandardWebhooksOptions, standardWebhooks } from "./schemes/standard-webhooks.ts";
export type { Tolerance } from "./schemes/timestamp.ts";
export { type TokenOptions, token } from "./schemes/token.ts";
export { base64Secret, hexSecret, type SecretFormat, textSecret } from "./secret-format.ts";
export { defaultId, type FoundSecrets, type SecretFunction, type SecretList, type SecretProvider } from "./secrets.ts";
export { readSource, type Source, type VerifiedRequest, valuesAt } from "./source.ts";
export {
  type FailedProof,
  failed,
  type ProofCode,
  type Scheme,
  type SignedParts,
  type Verification,
  type VerifyContext,
} from "./verification.ts";
