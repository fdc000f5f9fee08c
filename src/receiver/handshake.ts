import { isSameText } from "./equal.ts";
import { jsonAnswer } from "./json-answer.ts";
import type { ReceiverRequest } from "./request.ts";
import { type VerifiedRequest, valuesAt } from "./source.ts";

/** The answer to a handshake. Echoes are text or JSON, never HTML. */
export interface HandshakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A URL that has to be called, by the guarded client, before this is answered. Checked by the receiver's own rule. */
  readonly confirm?: {
    readonly url: string;
    readonly method?: "GET" | "POST";
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

/** What a handshake leads to: an answer; 400; 403; or, undefined, that the request is none. */
export type HandshakeOutcome = HandshakeAnswer | "malformed" | "refused" | undefined;

/**
 * A request that proves that we own the URL, answered before the pipeline. `proof` says what is checked first:
 *
 * - `scheme`: the receiver's scheme. The normal case. The first of `keys` is the one that matched.
 * - `none`: nothing, since the provider does not sign the request. It is answered before the scheme is asked. `keys` are the
 *   scheme's, newest first, for answers that prove that we know the secret.
 * - `setup`: nothing, since the request brings the secret. It is taken only while the operator has opened a set-up window.
 */
export type Handshake =
  | {
      readonly proof: "none";
      readonly method: "GET" | "HEAD" | "OPTIONS" | "POST";
      answer(request: ReceiverRequest, keys: readonly unknown[]): HandshakeOutcome;
    }
  | {
      readonly proof: "scheme";
      readonly method: "GET" | "HEAD" | "POST" | "OPTIONS";
      answer(verified: VerifiedRequest, keys: readonly unknown[]): HandshakeOutcome;
    }
  | {
      readonly proof: "setup";
      readonly method: "GET" | "POST";
      /** The secret that the request hands over, and the answer that takes it; undefined if it hands over none. */
      offer(request: ReceiverRequest): { readonly secret: string; readonly answer: HandshakeAnswer } | undefined;
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

/** A request with a value in a header that is sent back in the same header. Not signed by the provider. */
export function echoHeader(header: string, method: "GET" | "POST" = "POST"): Handshake {
  return {
    proof: "none",
    method,
    answer: (request) => {
      const value = request.headers.get(header);
      if (value === undefined) return undefined;
      return isEchoable(value) ? { status: 200, headers: { [header.toLowerCase()]: value }, body: "" } : "malformed";
    },
  };
}

/** GET or HEAD that only wants a 200, after the receiver's own proof. */
export function emptyAnswer(method: "GET" | "HEAD"): Handshake {
  return { proof: "scheme", method, answer: () => ({ status: 200, headers: {}, body: "" }) };
}

/** GET or HEAD that only wants a 200 and that the provider does not sign. */
export function unsignedAnswer(method: "GET" | "HEAD"): Handshake {
  return { proof: "none", method, answer: () => ({ status: 200, headers: {}, body: "" }) };
}

/** A signed POST whose body has `value` at `path`; answered as the function says, and never seen by a handler. */
export function answerWhen(
  path: string,
  value: string | number | boolean,
  answer: (verified: VerifiedRequest, keys: readonly unknown[]) => HandshakeOutcome,
): Handshake {
  return {
    proof: "scheme",
    method: "POST",
    answer: (verified, keys) => (valuesAt(verified.data, path)[0] === value ? answer(verified, keys) : undefined),
  };
}

/** A signed POST whose list at `path` is empty or absent, as providers send it to see whether the URL answers: 200. */
export function answerWhenEmpty(path: string): Handshake {
  return {
    proof: "scheme",
    method: "POST",
    answer: ({ data }) => (valuesAt(data, `${path}.*`).length === 0 ? fixedAnswer(200) : undefined),
  };
}

/** A signed POST whose header has one of some values, such as the `ping` that providers send on creation: 200. */
export function ignoreWhenHeader(header: string, ...values: readonly string[]): Handshake {
  return {
    proof: "scheme",
    method: "POST",
    answer: ({ request }) => (values.includes(request.headers.get(header) ?? "") ? fixedAnswer(200) : undefined),
  };
}

/**
 * The subscription check of WebSub and what follows it: GET with `hub.mode`, `hub.verify_token` and `hub.challenge`. The
 * challenge is sent back where the token is one of the configured ones, and 403 otherwise.
 */
export function hubChallenge(verifyTokens: readonly string[]): Handshake {
  return {
    proof: "none",
    method: "GET",
    answer: ({ query }) => {
      if (query.get("hub.mode") !== "subscribe") return "malformed";
      return verifyTokens.some((token) => isSameText(token, query.get("hub.verify_token"))) ? echo(query.get("hub.challenge")) : "refused";
    },
  };
}

/**
 * Consent by OPTIONS, as CloudEvents webhooks ask for it: `WebHook-Request-Origin` is allowed where it is one of the
 * configured origins. CloudEvents, HTTP 1.1 Web Hooks for Event Delivery 1.0, section 4.
 */
export function originConsent(allowedOrigins: readonly string[]): Handshake {
  return {
    proof: "none",
    method: "OPTIONS",
    answer: ({ headers }) => {
      const origin = headers.get("WebHook-Request-Origin");
      if (origin === undefined || !isEchoable(origin)) return "malformed";
      if (!allowedOrigins.some((one) => one === "*" || one.toLowerCase() === origin.toLowerCase())) return "refused";
      const rate = headers.get("WebHook-Request-Rate");
      return {
        status: 200,
        headers: {
          allow: "POST, OPTIONS",
          "webhook-allowed-origin": origin,
          ...(rate === undefined ? {} : { "webhook-allowed-rate": /^\d{1,9}$/.test(rate) ? rate : "*" }),
        },
        body: "",
      };
    },
  };
}

/** A challenge sent back as `text/plain` with `nosniff`, at most 1,024 characters long. */
export function echo(challenge: unknown): HandshakeAnswer | "malformed" {
  if (typeof challenge !== "string" || challenge === "" || challenge.length > maxEcho) return "malformed";
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }, body: challenge };
}

/** A challenge sent back as a member of a JSON object, at most 1,024 characters long. */
export function echoJson(member: string, challenge: unknown): HandshakeAnswer | "malformed" {
  if (typeof challenge !== "string" || challenge === "" || challenge.length > maxEcho) return "malformed";
  return fixedAnswer(200, { [member]: challenge });
}

/** A fixed answer as JSON, or an empty one. */
export function fixedAnswer(status: number, value?: object): HandshakeAnswer {
  return value === undefined ? { status, headers: {}, body: "" } : jsonAnswer(value, status);
}

const maxEcho = 1024;

/** What may stand in a header of an answer. */
function isEchoable(value: string): boolean {
  return value.length <= maxEcho && /^[\x20-\x7e]+$/.test(value);
}
