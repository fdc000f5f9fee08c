import type { Clock } from "../clock.ts";
import { RequestError } from "../errors.ts";
import { decodeContent } from "../receiver/content-encoding.ts";
import { maxDiagnosedBytes } from "../receiver/diagnose.ts";
import { type HeldProof, type Receiver, ReceiverRequest, type RemoteDocuments, type Verification } from "../receiver/index.ts";
import { verifyRequest } from "../receiver/verification.ts";
import type { Rejections } from "./rejections.ts";

/** What a proof needs besides the request. */
export interface ProveOptions {
  readonly clock: Clock;
  readonly rejections: Rejections;
  /** Keys and certificates of a receiver's provider. */
  readonly remoteOf: (receiver: Receiver) => RemoteDocuments;
}

/** A request as it came, with its body. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** The request as the provider signed it: most sign the bytes on the wire, some what they decompress to. */
export function signedRequest(receiver: Receiver, wire: WireRequest, maxBytes: number): ReceiverRequest | Promise<ReceiverRequest> {
  const { method, url, rawHeaders, body: bytes } = wire;
  const request = new ReceiverRequest({ method, url, rawHeaders, body: bytes, bodyRule: receiver.body });
  if (receiver.signs === "wire") return request;
  return Promise.resolve(decodeContent(wire.body, request.headers.get("content-encoding"), maxBytes)).then((body) =>
    request.with({ body, isDecoded: true }),
  );
}

/**
 * The proof of a request.
 *
 * @throws RequestError with the code of the check that failed; ApplicationError `keys_unavailable`.
 */
export function prove(
  receiver: Receiver,
  request: ReceiverRequest,
  keys: readonly unknown[],
  toleranceSeconds: number | undefined,
  options: ProveOptions,
): HeldProof | Promise<HeldProof> {
  const now = options.clock.now().getTime() / 1000;
  const usual = toleranceSeconds === undefined ? { now } : { now, toleranceSeconds };
  const context = receiver.verify.isRemote ? { ...usual, remote: options.remoteOf(receiver) } : usual;
  const held = (result: Verification): HeldProof => {
    if (result.verified) return result;
    const canGuess = result.code === "signature_mismatch" && request.body.length <= maxDiagnosedBytes;
    const guess = canGuess ? options.rejections.explain(receiver, request, keys, context) : undefined;
    throw new RequestError(result.code, undefined, { hint: guess ?? result.hint });
  };
  const result = verifyRequest(receiver.verify, request, keys, context);
  return result instanceof Promise ? result.then(held) : held(result);
}
