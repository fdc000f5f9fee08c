import { describeError, rootCauseOf, type WebhookError } from "../errors.ts";
import type { WebhookResponse } from "./response.ts";

/** What the HTTP answer carries: a response with a complete set of headers. */
export type Answer = Required<WebhookResponse>;

/** A response as an answer. */
export function answerOf(response: WebhookResponse): Answer {
  return { status: response.status, headers: response.headers ?? {}, body: response.body ?? "" };
}

/**
 * The answer to an error. A failed proof says nothing but 401, always in the same bytes; everything else names its code.
 * The message is sent only where the error says that it may be.
 */
export function answerToError(error: WebhookError): Answer {
  const status = error.status === 0 ? 500 : error.status;
  const code = status === 401 ? "unauthorized" : error.code;
  const body = error.expose ? { error: code, message: error.message } : { error: code };
  return {
    status,
    headers: { ...error.headers, "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" },
    body: JSON.stringify(body),
  };
}

/**
 * The fields of a log line about an error. What a handler, queue or store threw is the application's own text; what a
 * parser threw may quote the payload, and is left out.
 */
export function errorFields(error: WebhookError): Readonly<Record<string, string | number | undefined>> {
  return {
    status: error.status,
    code: error.code,
    hint: error.hint,
    ...(Object.hasOwn(error, "cause") && (error.status >= 500 || error.code === "delivery_rejected")
      ? { error: describeError(rootCauseOf(error)) }
      : {}),
  };
}
