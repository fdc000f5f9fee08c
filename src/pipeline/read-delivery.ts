import type { Limits } from "../options.ts";
import { parseBody } from "../receiver/body.ts";
import { decodeContent } from "../receiver/content-encoding.ts";
import type { Receiver, ReceiverRequest, VerifiedRequest } from "../receiver/index.ts";
import { visibleQuery } from "./delivery.ts";

/** A verified request with its body read. */
export interface ReadDelivery extends VerifiedRequest {
  readonly hasUnsafeIntegers: boolean;
}

/**
 * Reads the body of a verified request: decompresses, parses, and lets the receiver have its say. The same function
 * serves the request and, later, the worker, so that both see the same data.
 */
export async function readDelivery(receiver: Receiver, request: ReceiverRequest, wire: Buffer, limits: Pick<Limits, "maxBytes" | "maxDepth" | "maxKeys">): Promise<ReadDelivery> {
  if (request.method === "GET" || request.method === "HEAD") {
    const data: unknown = visibleQuery(receiver, request);
    return { request, content: wire, data, hasUnsafeIntegers: false };
  }
  const content = await decodeContent(wire, request.headers.get("content-encoding"), limits.maxBytes);
  const { data, hasUnsafeIntegers } = await parseBody(content, request.headers.get("content-type"), receiver.body, limits);
  const verified = { request, content, data };
  return { ...verified, data: receiver.data ? receiver.data(verified) : data, hasUnsafeIntegers };
}
