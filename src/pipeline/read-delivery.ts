import type { Limits } from "../options.ts";
import { type ParsedBody, parseBody } from "../receiver/body.ts";
import { decodeContent } from "../receiver/content-encoding.ts";
import type { Receiver, ReceiverRequest, VerifiedRequest } from "../receiver/index.ts";
import { visibleQuery } from "./delivery.ts";

/** A verified request with its body read. */
export interface ReadDelivery extends VerifiedRequest {
  readonly hasUnsafeIntegers: boolean;
}

/**
 * Reads the body of a verified request: decompresses, parses, and lets the receiver have its say. The same function
 * serves the request and, later, the worker, so that both see the same data. Synchronous where it can be: plain JSON and
 * forms, so that they cost no turns of the event loop.
 */
export function readDelivery(
  receiver: Receiver,
  request: ReceiverRequest,
  wire: Buffer,
  limits: ReadLimits,
  keys: readonly unknown[] = [],
): ReadDelivery | Promise<ReadDelivery> {
  if (request.method === "GET" || request.method === "HEAD") {
    return { request, content: wire, data: visibleQuery(receiver, request), hasUnsafeIntegers: false };
  }
  const content = decodeContent(wire, request.headers.get("content-encoding"), limits.maxBytes);
  return content instanceof Promise
    ? content.then((decoded) => read(receiver, request, decoded, limits, keys))
    : read(receiver, request, content, limits, keys);
}

type ReadLimits = Pick<Limits, "maxBytes" | "maxDepth" | "maxKeys">;

function read(
  receiver: Receiver,
  request: ReceiverRequest,
  content: Buffer,
  limits: ReadLimits,
  keys: readonly unknown[],
): ReadDelivery | Promise<ReadDelivery> {
  const finish = ({ data, hasUnsafeIntegers }: ParsedBody): ReadDelivery | Promise<ReadDelivery> => {
    const own = ownData(receiver, { request, content, data }, keys);
    const done = (settled: unknown): ReadDelivery => ({ request, content, data: settled, hasUnsafeIntegers });
    return own instanceof Promise ? own.then(done) : done(own);
  };
  const parsed = parseBody(content, request.headers.get("content-type"), receiver.body, limits);
  return parsed instanceof Promise ? parsed.then(finish) : finish(parsed);
}

/** What the receiver makes of the parsed body: at once for nearly all, later where it has to load a parser. */
function ownData({ decrypt, data: change }: Receiver, read: VerifiedRequest, keys: readonly unknown[]): unknown {
  const opened = decrypt ? decrypt(read, keys) : read.data;
  if (!change) return opened;
  const changed = (data: unknown): unknown => change({ ...read, data });
  return opened instanceof Promise ? opened.then(changed) : changed(opened);
}
