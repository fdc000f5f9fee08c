import { deepEqual, equal, ok } from "node:assert/strict";
import { defaultLimits } from "../options.ts";
import { readDelivery } from "../pipeline/read-delivery.ts";
import {
  type HandshakeAnswer,
  type Receiver,
  ReceiverRequest,
  readSource,
  type Verification,
  type VerifiedRequest,
  valuesAt,
} from "../receiver/index.ts";
import { verifyRequest } from "../receiver/verification.ts";
import { changedRequests, changedSecret } from "./changed-requests.ts";
import { type ReceiverVector, requestOf, type VectorExpectation, type VectorRequest, withoutHeader, withoutParameter } from "./vector.ts";

/** One test, for any runner: `run` throws, or rejects, if it fails. */
export interface VectorCase {
  readonly name: string;
  run(): void | Promise<void>;
}

/**
 * Every test that follows from a vector: the receiver accepts it, reads from it what it should, refuses each change that
 * the proof must notice, and accepts what it signs itself, in either place of a list of secrets.
 *
 * @example for (const { name, run } of vectorCases(receiver, vector)) test(name, run);
 */
export function vectorCases(receiver: Receiver, vector: ReceiverVector): readonly VectorCase[] {
  const request = requestOf(vector);
  const unsigned = receiver.handshakes.find((handshake) => handshake.proof === "none" && handshake.method === vector.method);
  if (unsigned?.proof === "none") {
    return [{ name: "answers the handshake", run: () => checkAnswer(unsigned.answer(new ReceiverRequest(request)), vector.expected) }];
  }
  const verify = (changed: VectorRequest, secrets: readonly string[] = [vector.secret], now = vector.now): Verification =>
    verifyWith(receiver, changed, secrets, now);
  return [
    { name: "accepts the vector", run: () => deepEqual(verify(request), { verified: true, secretIndex: 0 }) },
    ...(vector.expected === undefined ? [] : [{ name: "reads the vector", run: () => checkReading(receiver, request, vector.expected) }]),
    ...changedRequests(receiver.verify, request).map(({ name, request: changed, code }) => ({
      name: `rejects ${name}`,
      run: () => checkRejected(verify(changed), code),
    })),
    { name: "rejects another secret", run: () => checkRejected(verify(request, [changedSecret(vector.secret)])) },
    ...timeCases(receiver, vector, verify),
    ...signCases(receiver, vector, verify),
  ];
}

type Verify = (request: VectorRequest, secrets?: readonly string[], now?: number) => Verification;

function verifyWith(receiver: Receiver, request: VectorRequest, secrets: readonly string[], now: number): Verification {
  const keys = secrets.map((secret) => receiver.verify.secret.parse(secret));
  ok(!keys.includes(undefined), "a secret does not have the receiver's form");
  return verifyRequest(receiver.verify, new ReceiverRequest(request), keys, { now });
}

function timeCases({ verify: { toleranceSeconds } }: Receiver, vector: ReceiverVector, verify: Verify): readonly VectorCase[] {
  if (toleranceSeconds === undefined) return [];
  const request = requestOf(vector);
  const at = (now: number): Verification => verify(request, [vector.secret], now);
  return [
    { name: "accepts a signed time as old as the tolerance", run: () => ok(at(vector.now + toleranceSeconds).verified) },
    { name: "rejects an older signed time", run: () => checkRejected(at(vector.now + toleranceSeconds + 1), "timestamp_too_old") },
    { name: "rejects a signed time in the future", run: () => checkRejected(at(vector.now - toleranceSeconds - 1), "timestamp_in_future") },
  ];
}

function signCases(receiver: Receiver, vector: ReceiverVector, verify: Verify): readonly VectorCase[] {
  const { verify: scheme } = receiver;
  const secret = vector.signingSecret ?? (scheme.name === "ed25519" ? undefined : vector.secret);
  if (!scheme.sign || secret === undefined) return [];
  const sign = scheme.sign.bind(scheme);
  const signed = (): VectorRequest => {
    const bare = scheme.proofParameters.reduce(withoutParameter, requestOf(vector));
    const { headers, url = bare.url } = sign(new ReceiverRequest(bare), secret, { now: vector.now });
    const kept = Object.keys(headers).reduce(withoutHeader, bare);
    return { ...kept, url, rawHeaders: [...kept.rawHeaders, ...Object.entries(headers).flat()] };
  };
  const other = changedSecret(vector.secret);
  return [
    { name: "accepts what it signs", run: () => deepEqual(verify(signed()), { verified: true, secretIndex: 0 }) },
    {
      name: "accepts the first of two secrets",
      run: () => deepEqual(verify(signed(), [vector.secret, other]), { verified: true, secretIndex: 0 }),
    },
    {
      name: "accepts the second of two secrets",
      run: () => deepEqual(verify(signed(), [other, vector.secret]), { verified: true, secretIndex: 1 }),
    },
  ];
}

function checkRejected(result: Verification, code?: string): void {
  equal(result.verified, false);
  if (!result.verified && code !== undefined) equal(result.code, code);
}

async function checkReading(receiver: Receiver, request: VectorRequest, expected: VectorExpectation = {}): Promise<void> {
  const read = await readDelivery(receiver, new ReceiverRequest(request), request.body, defaultLimits);
  const answer = handshakeAnswer(receiver, read);
  if (expected.handshake !== undefined) return checkAnswer(answer, expected);
  equal(answer, undefined);
  deepEqual(readSource(receiver.events, read), expected.events ?? []);
  equal(receiver.deliveryId && readSource(receiver.deliveryId, read)[0], expected.deliveryId);
  for (const [path, value] of Object.entries(expected.data ?? {})) deepEqual(valuesAt(read.data, path), [value]);
}

function handshakeAnswer(receiver: Receiver, read: VerifiedRequest): HandshakeAnswer | "malformed" | undefined {
  for (const handshake of receiver.handshakes) {
    if (handshake.proof !== "scheme" || handshake.method !== read.request.method) continue;
    const answer = handshake.answer(read);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function checkAnswer(answer: HandshakeAnswer | "malformed" | undefined, expected: VectorExpectation = {}): void {
  ok(typeof answer === "object", "the handshake is not answered");
  deepEqual({ status: answer.status, body: answer.body }, expected.handshake);
}
