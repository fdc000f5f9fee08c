import type { IncomingMessage } from "node:http";
import getRawBody from "raw-body";
import { ApplicationError, RequestError } from "../errors.ts";

/**
 * The whole body as bytes.
 *
 * @throws ApplicationError `body_already_read` at once, if a body parser was there first; RequestError `too_large` or
 *   `request_aborted`.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (request.readableDidRead || request.readableEnded || !request.readable) throw alreadyRead();
  const length = request.headers["content-length"];
  try {
    return await getRawBody(request, { limit: maxBytes, ...(length === undefined ? {} : { length }) });
  } catch (cause) {
    const type = (cause as { type?: unknown }).type;
    if (type === "entity.too.large") throw new RequestError("too_large", undefined, { cause, hint: `The limit is ${maxBytes} bytes.` });
    if (type === "stream.not.readable" || type === "stream.encoding.set") throw alreadyRead();
    throw new RequestError("request_aborted", undefined, { cause });
  }
}

/** Bytes to set aside before reading: what the request says, or the limit where it does not say. */
export function expectedBytes(request: IncomingMessage, maxBytes: number): number {
  const length = Number(request.headers["content-length"] ?? (request.headers["transfer-encoding"] === undefined ? 0 : maxBytes));
  return Number.isFinite(length) ? Math.min(length, maxBytes) : maxBytes;
}

function alreadyRead(): ApplicationError {
  return new ApplicationError("body_already_read", "Another middleware has read the body, so its exact bytes are gone.", {
    hint: "Mount `app.use(webhooks.routes())` before any body parser, such as @koa/bodyparser, or keep the parser off its path.",
  });
}
