import type { ReceiverRequest } from "./request.ts";
import { type VerifiedRequest, valuesAt } from "./source.ts";

/** The answer to a handshake. Echoes are text or JSON, never HTML. */
export interface HandshakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A request that proves that we own the URL, answered before the pipeline. `proof` says whether the receiver's scheme
 * is verified first; it is `none` only where the provider does not sign the request.
 */
export type Handshake =
  | { readonly proof: "none"; readonly method: "GET" | "HEAD" | "OPTIONS"; answer(request: ReceiverRequest): HandshakeAnswer | "malformed" }
  | {
      readonly proof: "scheme";
      readonly method: "GET" | "HEAD" | "POST";
      answer(verified: VerifiedRequest): HandshakeAnswer | "malformed" | undefined;
    };

/** GET with a value in the query that is sent back as text. Not signed by the provider. */
export function echoQuery(parameter: string): Handshake {
  return {
    proof: "none",
    method: "GET",
    answer: (request) => {
      const values = request.query.getAll(parameter);
      return values.length === 1 ? echo(values[0]) : "malformed";
    },
  };
}

/** GET or HEAD that only wants a 200, after the receiver's own proof. */
export function emptyAnswer(method: "GET" | "HEAD"): Handshake {
  return { proof: "scheme", method, answer: () => ({ status: 200, headers: {}, body: "" }) };
}

/** A signed POST whose body has `value` at `path`; answered as the function says, and never seen by a handler. */
export function answerWhen(
  path: string,
  value: string | number,
  answer: (verified: VerifiedRequest) => HandshakeAnswer | "malformed",
): Handshake {
  return {
    proof: "scheme",
    method: "POST",
    answer: (verified) => (valuesAt(verified.data, path)[0] === value ? answer(verified) : undefined),
  };
}

/** A challenge sent back as `text/plain` with `nosniff`, at most 1,024 characters long. */
export function echo(challenge: unknown): HandshakeAnswer | "malformed" {
  if (typeof challenge !== "string" || challenge === "" || challenge.length > 1024) return "malformed";
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }, body: challenge };
}

/** A fixed answer as JSON, or an empty one. */
export function fixedAnswer(status: number, value?: unknown): HandshakeAnswer {
  if (value === undefined) return { status, headers: {}, body: "" };
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" },
    body: JSON.stringify(value),
  };
}
