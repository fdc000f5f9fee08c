import { ApplicationError, RequestError } from "../errors.ts";
import { type HandshakeAnswer, type HandshakeOutcome, type Receiver, ReceiverRequest, type RemoteFetch } from "../receiver/index.ts";
import type { WireRequest } from "./prove.ts";
import type { ReadDelivery } from "./read-delivery.ts";
import type { SetupWindows } from "./setup-windows.ts";

/** Calls the URL that a handshake names, where it names one, before the handshake is answered. */
export type Confirm = RemoteFetch;

/** The answer to a request that the provider does not sign; undefined if it is no handshake. */
export function answerUnsigned(receiver: Receiver, request: ReceiverRequest, keys: readonly unknown[]): HandshakeAnswer | undefined {
  for (const handshake of receiver.handshakes) {
    if (handshake.proof !== "none" || handshake.method !== request.method) continue;
    const answer = wellFormed(handshake.answer(request, keys));
    if (answer) return answer;
  }
  return undefined;
}

/**
 * Handshakes that no scheme is asked about, of a method that deliveries have too: after the body, before the proof. Among them,
 * while a set-up window is open, those that hand over a secret.
 */
export function shakeBeforeProof(
  receiver: Receiver,
  id: string,
  wire: WireRequest,
  keys: readonly unknown[],
  setups: SetupWindows,
): HandshakeAnswer | undefined | Promise<HandshakeAnswer | undefined> {
  const isOpen = setups.isOpen(receiver, id);
  if (!isOpen && !hasUnsigned(receiver, wire.method)) return undefined;
  const request = new ReceiverRequest({ ...wire, bodyRule: receiver.body });
  const answer = receiver.methods.includes(wire.method) ? answerUnsigned(receiver, request, keys) : undefined;
  return answer ?? (isOpen ? setups.take(receiver, id, request) : undefined);
}

function hasUnsigned({ handshakes }: Receiver, method: string): boolean {
  for (const one of handshakes) if (one.proof === "none" && one.method === method) return true;
  return false;
}

/** The answer to a handshake whose proof held; undefined if the request is a delivery. */
export function answerSigned(
  receiver: Receiver,
  read: ReadDelivery,
  keys: readonly unknown[],
  secretIndex = 0,
): HandshakeAnswer | undefined {
  const sorted = matchedFirst(keys, secretIndex);
  for (const handshake of receiver.handshakes) {
    if (handshake.proof !== "scheme" || handshake.method !== read.request.method) continue;
    const answer = wellFormed(handshake.answer(read, sorted));
    if (answer) return answer;
  }
  return undefined;
}

/** The provider may not know a newer key yet, so an answer that proves a secret proves the one that the question was signed with. */
function matchedFirst(keys: readonly unknown[], secretIndex: number): readonly unknown[] {
  return secretIndex === 0 ? keys : [keys[secretIndex], ...keys.filter((_key, index) => index !== secretIndex)];
}

/**
 * Calls the handshake's own URL, if it has one.
 *
 * @throws ApplicationError `confirmation_failed`.
 */
export async function confirm({ confirm: request }: HandshakeAnswer, fetch: Confirm): Promise<void> {
  if (request === undefined) return;
  try {
    await fetch(request);
  } catch (cause) {
    throw new ApplicationError("confirmation_failed", undefined, { cause, headers: { "retry-after": "30" } });
  }
}

function wellFormed(answer: HandshakeOutcome): HandshakeAnswer | undefined {
  if (answer === "malformed") throw new RequestError("handshake_malformed");
  if (answer === "refused") throw new RequestError("handshake_refused");
  return answer;
}
