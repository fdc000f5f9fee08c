export { RequestError } from "../errors.ts";
export type { BodyKind, BodyRule, FormFields } from "./body.ts";
export { parseForm, readXml } from "./body.ts";
export {
  allowedMethods,
  type Confirmation,
  type DefaultAnswer,
  defineReceiver,
  type PayloadTypes,
  type ProviderNotes,
  payloadTypes,
  type Receiver,
  type ReceiverDefinition,
  type SampleParts,
} from "./define-receiver.ts";
export {
  type CatalogueDescription,
  describeReceiver,
  exportNameOf,
  type ReceiverDescription,
  type SettingDescription,
} from "./describe.ts";
export { decodeBase64, decodeBase64Url, decodeHex } from "./encoding.ts";
export { isSameText } from "./equal.ts";
export { escapeXml } from "./escape-xml.ts";
export {
  answerWhen,
  answerWhenEmpty,
  echo,
  echoHeader,
  echoJson,
  echoQuery,
  emptyAnswer,
  fixedAnswer,
  type Handshake,
  type HandshakeAnswer,
  type HandshakeOutcome,
  hubChallenge,
  ignoreWhenHeader,
  originConsent,
  unsignedAnswer,
} from "./handshake.ts";
export { type JsonAnswer, jsonAnswer } from "./json-answer.ts";
export type { RemoteAnswer, RemoteDocument, RemoteDocuments, RemoteFetch, RemoteRequest } from "./remote.ts";
export { ReceiverRequest, RequestHeaders, type RequestParts, rawHeadersOf } from "./request.ts";
export { type AllowedUrls, allowedUrl } from "./schemes/allowed-url.ts";
export { basic } from "./schemes/basic.ts";
export { bodyOrField } from "./schemes/body-or-field.ts";
export { type CertificateSignatureOptions, certificateSignature } from "./schemes/certificate.ts";
export { type CertificateJwsOptions, certificateJws, jwsPayload } from "./schemes/certificate-jws.ts";
export type { CertificateRule } from "./schemes/certificate-key.ts";
export { chosenBySecret, strongestOf, type VersionedScheme } from "./schemes/choose.ts";
export { type CredentialKind, type CredentialOptions, credential } from "./schemes/credential.ts";
export { type CbcOptions, decryptCbc, decryptGcm, decryptKey, encryptCbc, type GcmOptions } from "./schemes/decrypt.ts";
export { type DraftCavageOptions, draftCavage } from "./schemes/draft-cavage.ts";
export { type EcdsaOptions, ecdsa } from "./schemes/ecdsa.ts";
export { type Ed25519Options, ed25519 } from "./schemes/ed25519.ts";
export { digest, type HmacOptions, hmac, type KeyForm, matchesAny, matchingKey, plainDigest } from "./schemes/hmac.ts";
export { type HttpSignatureOptions, httpSignature } from "./schemes/http-signature.ts";
export { type IdentityTokenOptions, identityToken } from "./schemes/identity-token.ts";
export { type DetachedJwsOptions, detachedJws } from "./schemes/jws-detached.ts";
export { type JwtOptions, jwt } from "./schemes/jwt.ts";
export { type ClaimRules, type Claims, type HashClaim, jwtClaims } from "./schemes/jwt-claims.ts";
export type { JwtKeySource } from "./schemes/jwt-keys.ts";
export type { JwtAlgorithm } from "./schemes/jwt-token.ts";
export { type KeySet, keySetDocument, publicKeyDocument } from "./schemes/key-set.ts";
export { publicKeyOf, publicKeyOfJwk } from "./schemes/key-text.ts";
export { listedHeaders } from "./schemes/listed-headers.ts";
export { hmacNamedBy, type NamedHashOptions } from "./schemes/named-hash.ts";
export { type NamedKey, type NamedKeyOptions, namedKey } from "./schemes/named-key.ts";
export { unproven } from "./schemes/none.ts";
export { type Place, readPlace } from "./schemes/place.ts";
export type { PublicKey, PublicKeyOptions, RemoteKey } from "./schemes/public-key.ts";
export { type RsaOptions, rsa } from "./schemes/rsa.ts";
export { publicKeyOf as httpSignatureKeyOf, type SignatureAlgorithm } from "./schemes/signature-algorithms.ts";
export { type KeySource, publishedKeys } from "./schemes/signature-key-source.ts";
export type { SignatureForm } from "./schemes/signature-list.ts";
export type { SignedAlternatives, SignedMessageOptions, SignedReader } from "./schemes/signed-message.ts";
export { pathOf } from "./schemes/signed-text.ts";
export { type StandardWebhooksKey, type StandardWebhooksOptions, standardWebhooks } from "./schemes/standard-webhooks.ts";
export { checkTimestamp, readTime, type TimeUnit, type Tolerance } from "./schemes/timestamp.ts";
export { type TokenOptions, token } from "./schemes/token.ts";
export { base64OrTextSecret, base64Secret, hexSecret, type SecretFormat, textSecret } from "./secret-format.ts";
export { defaultId, type FoundSecrets, type SecretFunction, type SecretList, type SecretProvider } from "./secrets.ts";
export {
  choiceSetting,
  flagSetting,
  headerSetting,
  listSetting,
  type Setting,
  type SettingRules,
  type SettingsInput,
  type SettingsOf,
  textSetting,
  urlSetting,
} from "./settings.ts";
export { readSource, type Source, textAt, type VerifiedRequest, valuesAt } from "./source.ts";
export { unverifiedData, unverifiedKind } from "./unverified-body.ts";
export {
  type FailedProof,
  failed,
  type HeldProof,
  type LocalScheme,
  type ProofCode,
  type Scheme,
  type SignedParts,
  type Verification,
  type VerifyContext,
} from "./verification.ts";
