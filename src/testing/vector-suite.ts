import { deepEqual, equal, ok } from "node:assert/strict";
import { defaultLimits } from "../options.ts";
import { accountOf, deliveryIdOf, retryNumberOf, sentAtOf } from "../pipeline/delivery.ts";
import { readDelivery } from "../pipeline/read-delivery.ts";
import { answerSigned, answerUnsigned } from "../pipeline/shake-hands.ts";
import { type HandshakeAnswer, type Receiver, ReceiverRequest, readSource, type Verification, valuesAt } from "../receiver/index.ts";
import { verifyRequest } from "../receiver/verification.ts";
import { changedRequests } from "./changed-requests.ts";
import { otherSecret } from "./other-secret.ts";
import { recordedDocuments } from "./recorded-documents.ts";
import { type ReceiverVector, requestOf, type VectorExpectation, type VectorRequest, withoutHeader, withoutParameter } from "./vector.ts";

/** One test, for any runner: `run` rejects if it fails. */
export interface VectorCase {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * Every test that follows from a vector: the receiver accepts it, reads from it what it should, refuses each change that
 * the proof must notice, and accepts what it signs itself, in either place of a list of secrets.
 *
 * @example for (const { name, run } of vectorCases(receiver, vector)) test(name, run);
 */
export function vectorCases(unconfigured: Receiver, vector: ReceiverVector): readonly VectorCase[] {
  const receiver = vector.settings ? unconfigured.configure(vector.settings) : unconfigured;
  const request = requestOf(vector);
  const unsigned = unsignedCase(receiver, vector);
  if (unsigned) return [unsigned];
  const verify: Verify = (changed, secrets = [vector.secret], now = vector.now) => verifyWith(receiver, vector, changed, secrets, now);
  const rejects = (changed: VectorRequest, code?: string) => (): Promise<void> => checkRejects(verify(changed), code);
  return [
    { name: "accepts the vector", run: async () => checkAccepted(await verify(request), 0, vector.expected) },
    ...(vector.expected === undefined ? [] : [{ name: "reads the vector", run: () => checkReading(receiver, vector, request) }]),
    ...changedRequests(receiver.verify, request, vector.expected?.bodyBound).map(({ name, request: changed, code }) => ({
      name: `rejects ${name}`,
      run: rejects(changed, code),
    })),
    { name: "rejects another secret", run: async () => checkOtherSecret(receiver, vector, verify) },
    ...(receiver.verify.isRemote
      ? [{ name: "answers 503 where the keys cannot be had", run: () => checkUnavailable(receiver, vector) }]
      : []),
    ...timeCases(receiver, vector, verify),
    ...signCases(receiver, vector, verify),
  ];
}

type Verify = (request: VectorRequest, secrets?: readonly string[], now?: number) => Promise<Verification>;

/** The case of a handshake that the provider does not sign, or with which it hands a secret over. */
function unsignedCase(receiver: Receiver, vector: ReceiverVector): VectorCase | undefined {
  const { offeredSecret, handshake } = vector.expected ?? {};
  if (offeredSecret !== undefined) return { name: "takes the secret that is handed over", run: async () => checkOffer(receiver, vector) };
  if (handshake === undefined) return undefined;
  const key: unknown = receiver.verify.secret.parse(vector.secret);
  const answer = (): HandshakeAnswer | undefined =>
    answerUnsigned(receiver, new ReceiverRequest({ ...requestOf(vector), bodyRule: receiver.body }), [key]);
  const isUnsigned = receiver.handshakes.some(({ proof, method }) => proof === "none" && method === vector.method);
  if (!isUnsigned || tryTo(answer) === undefined) return undefined;
  return { name: "answers the handshake", run: async () => checkAnswer(answer(), vector.expected) };
}

function tryTo<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

async function verifyWith(
  receiver: Receiver,
  vector: ReceiverVector,
  request: VectorRequest,
  secrets: readonly string[],
  now: number,
): Promise<Verification> {
  const keys = secrets.map((secret) => receiver.verify.secret.parse(secret));
  ok(!keys.includes(undefined), "a secret does not have the receiver's form");
  const signed = new ReceiverRequest({ ...request, bodyRule: receiver.body });
  return verifyRequest(receiver.verify, signed, keys, { now, remote: recordedDocuments(vector.remote ?? {}) });
}

function timeCases({ verify: { toleranceSeconds } }: Receiver, vector: ReceiverVector, verify: Verify): readonly VectorCase[] {
  if (toleranceSeconds === undefined || vector.untimed) return [];
  const request = requestOf(vector);
  const at = (now: number): Promise<Verification> => verify(request, [vector.secret], now);
  return [
    { name: "accepts a signed time as old as the tolerance", run: async () => ok((await at(vector.now + toleranceSeconds)).verified) },
    {
      name: "rejects an older signed time",
      run: async () => checkRejected(await at(vector.now + toleranceSeconds + 1), "timestamp_too_old"),
    },
    {
      name: "rejects a signed time in the future",
      run: async () => checkRejected(await at(vector.now - toleranceSeconds - 1), "timestamp_in_future"),
    },
  ];
}

/** Schemes whose configured secret is a public key, or merely names the registration: only a vector can say how to sign. */
export function signingSecretOf({ verify }: Receiver, vector: ReceiverVector): string | undefined {
  const isShared = ["hmac", "digest", "token", "basic", "none"].includes(verify.name);
  return vector.signingSecret ?? (isShared || verify.signsWithSecret ? vector.secret : undefined);
}

function signCases(receiver: Receiver, vector: ReceiverVector, verify: Verify): readonly VectorCase[] {
  const { verify: scheme } = receiver;
  const secret = signingSecretOf(receiver, vector);
  if (!scheme.sign || secret === undefined) return [];
  const sign = scheme.sign.bind(scheme);
  const signed = (): VectorRequest => {
    const bare = scheme.proofParameters.reduce(withoutParameter, requestOf(vector));
    const {
      headers,
      url = bare.url,
      body = bare.body,
    } = sign(new ReceiverRequest({ ...bare, bodyRule: receiver.body }), secret, { now: vector.now });
    const kept = Object.keys(headers).reduce(withoutHeader, bare);
    return { ...kept, url, body, rawHeaders: [...kept.rawHeaders, ...Object.entries(headers).flat()] };
  };
  const other = otherSecret(receiver, vector.secret);
  const accepts = (secrets: readonly string[], index: number) => async (): Promise<void> =>
    checkAccepted(await verify(signed(), secrets), index);
  return [
    { name: "accepts what it signs", run: accepts([vector.secret], 0) },
    { name: "accepts the first of two secrets", run: accepts([vector.secret, other], 0) },
    { name: "accepts the second of two secrets", run: accepts([other, vector.secret], 1) },
  ];
}

function checkAccepted(result: Verification, index: number, expected?: VectorExpectation): void {
  ok(result.verified, result.verified ? "" : `${result.code}: ${result.hint}`);
  equal(result.secretIndex, index);
  if (expected?.bodyBound !== undefined) equal(result.bodyBound, expected.bodyBound);
}

/** A change may also make the request name a key that is not recorded: then nothing is known of it, and it is not accepted. */
async function checkRejects(verifying: Promise<Verification>, code?: string): Promise<void> {
  const result = await verifying.catch((error: { readonly code?: string }) => {
    if (error.code !== "keys_unavailable") throw error;
    return undefined;
  });
  if (result) checkRejected(result, code);
}

function checkRejected(result: Verification, code?: string): void {
  equal(result.verified, false);
  if (!result.verified && code !== undefined) equal(result.code, code);
}

async function checkOtherSecret(receiver: Receiver, vector: ReceiverVector, verify: Verify): Promise<void> {
  checkRejected(await verify(requestOf(vector), [otherSecret(receiver, vector.secret)]));
}

async function checkUnavailable(receiver: Receiver, vector: ReceiverVector): Promise<void> {
  const request = requestOf(vector);
  await verifyWith(receiver, { ...vector, remote: {} }, request, [vector.secret], vector.now).then(
    () => ok(false, "the proof was judged without keys"),
    (error: { readonly code?: string }) => equal(error.code, "keys_unavailable"),
  );
}

async function checkReading(receiver: Receiver, vector: ReceiverVector, request: VectorRequest): Promise<void> {
  const { expected = {} } = vector;
  const keys = [receiver.verify.secret.parse(vector.secret)];
  const verified = new ReceiverRequest({ ...request, bodyRule: receiver.body });
  const read = await readDelivery(receiver, verified, request.body, defaultLimits, keys);
  const answer = answerSigned(receiver, read, keys);
  if (expected.handshake !== undefined) return checkAnswer(answer, expected);
  equal(answer, undefined);
  deepEqual(readSource(receiver.events, read), expected.events ?? []);
  equal(deliveryIdOf(receiver, read), expected.deliveryId);
  for (const [path, value] of Object.entries(expected.data ?? {})) deepEqual(valuesAt(read.data, path), [value]);
  if (expected.retryNumber !== undefined) equal(retryNumberOf(receiver, read), expected.retryNumber);
  if (expected.sentAt !== undefined) equal(sentAtOf(receiver, read)?.toISOString(), expected.sentAt);
  if (expected.account !== undefined) equal(accountOf(receiver, read), expected.account);
  if (expected.respond !== undefined) {
    const { status, body } = typeof receiver.respond === "function" ? receiver.respond(read) : receiver.respond;
    deepEqual({ status, body }, { body: undefined, ...expected.respond });
  }
}

function checkAnswer(answer: HandshakeAnswer | undefined, { handshake }: VectorExpectation = {}): void {
  ok(answer, "the handshake is not answered");
  ok(handshake, "the vector does not say what a handshake is answered");
  deepEqual({ status: answer.status, body: answer.body }, { status: handshake.status, body: handshake.body });
  for (const [name, value] of Object.entries(handshake.headers ?? {})) equal(answer.headers[name], value);
  if (handshake.confirm !== undefined) equal(answer.confirm?.url, handshake.confirm);
}

function checkOffer(receiver: Receiver, vector: ReceiverVector): void {
  const { expected = {} } = vector;
  const request = new ReceiverRequest({ ...requestOf(vector), bodyRule: receiver.body });
  const offers = receiver.handshakes.flatMap((handshake) =>
    handshake.proof === "setup" && handshake.method === vector.method ? [handshake.offer(request)] : [],
  );
  const offer = offers.find((one) => one !== undefined);
  ok(offer, "the request hands over no secret");
  equal(offer.secret, expected.offeredSecret);
  ok(receiver.verify.secret.parse(offer.secret) !== undefined, "the secret that is handed over does not have the receiver's form");
  if (expected.handshake) checkAnswer(offer.answer, expected);
}
