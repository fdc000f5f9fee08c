import { ApplicationError } from "../errors.ts";

/** An outgoing request that the guard does not let out. Nothing has been sent. */
export function blocked(url: URL | undefined, problem: string): ApplicationError {
  return new ApplicationError("request_blocked", `An outgoing request${to(url)} was not made: ${problem}`);
}

/** An outgoing request that brought no usable answer. */
export function failed(url: URL, problem: string, cause?: unknown): ApplicationError {
  return new ApplicationError(
    "request_failed",
    `The request${to(url)} failed: ${problem}`,
    cause === undefined ? {} : { cause: one(cause) },
  );
}

/** Origin and path: queries and user names may be secrets, and so may all of a URL of an unknown kind. */
function to(url: URL | undefined): string {
  if (!url) return "";
  return url.host === "" ? ` to a ${url.protocol} URL` : ` to ${url.protocol}//${url.host}${url.pathname}`.slice(0, 300);
}

/** Where several addresses were tried in vain, the first failure: the list as such has no message. */
function one(cause: unknown): unknown {
  return cause instanceof AggregateError && cause.errors.length > 0 ? cause.errors[0] : cause;
}
