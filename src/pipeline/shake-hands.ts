import { ApplicationError, RequestError } from "../errors.ts";
import type { HandshakeAnswer, HandshakeOutcome, Receiver, ReceiverRequest, RemoteFetch } from "../receiver/index.ts";
import type { ReadDelivery } from "./read-delivery.ts";

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

/** Whether some unsigned handshake has to see the body. */
export function readsUnsignedBodies(receiver: Receiver): boolean {
  return receiver.handshakes.some((handshake) => handshake.proof === "none" && handshake.method === "POST");
}

/** The answer to a handshake whose proof held; undefined if the request is a delivery. */
export function answerSigned(receiver: Receiver, read: ReadDelivery, keys: readonly unknown[]): HandshakeAnswer | undefined {
  for (const handshake of receiver.handshakes) {
    if (handshake.proof !== "scheme" || handshake.method !== read.request.method) continue;
    const answer = wellFormed(handshake.answer(read, keys));
    if (answer) return answer;
  }
  return undefined;
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
