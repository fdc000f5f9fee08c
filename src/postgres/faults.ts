import { ApplicationError, ConfigurationError, type WebhookError } from "../errors.ts";

/** States that a person has to mend: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const ofConfiguration = new Set([
  "28000", // invalid_authorization_specification
  "28P01", // invalid_password
  "3D000", // invalid_catalog_name: no such database
  "42501", // insufficient_privilege
  "ERR_INVALID_URL", // from Node, for the connection string
]);

/** What went wrong while the database was opened. A password that is refused later is a change at the server, and may pass. */
export function toOpeningError(thrown: unknown): WebhookError {
  const cause = causeOf(thrown);
  if (thrown instanceof ConfigurationError || !ofConfiguration.has(stateOf(cause) ?? "")) return toError(thrown);
  return new ConfigurationError("invalid_options", `connection: the database cannot be used: ${messageOf(cause)}.`, {
    cause: withoutDetail(cause),
  });
}

/** What went wrong with a statement. */
export function toError(thrown: unknown): WebhookError {
  if (thrown instanceof ApplicationError || thrown instanceof ConfigurationError) return thrown;
  return new ApplicationError("store_unavailable", undefined, { cause: withoutDetail(thrown) });
}

/** Whether the server refused what it was given, and would again: data (class 22), constraints (23), sizes (54). */
export function isRefusal(thrown: unknown): boolean {
  return /^(22|23|54)...$/.test(stateOf(causeOf(thrown)) ?? "");
}

/** Whether transactions got in each other's way: the same statements, run again, may pass. */
export function isConflict(thrown: unknown): boolean {
  return /^40(001|P01)$/.test(stateOf(causeOf(thrown)) ?? "");
}

/** Whether the server gave up a wait for a lock, at the limit that was set for it. */
export function isLockTimeout(thrown: unknown): boolean {
  return stateOf(causeOf(thrown)) === "55P03";
}

/**
 * Whether the connection is of no more use: the fault is not the server's answer to a statement, or it ended the session (classes 08
 * and 57P), or the server only reads by now (25006), as a primary does that has become a standby.
 */
export function isBroken(thrown: unknown): boolean {
  if (!(thrown instanceof ApplicationError)) return false;
  return !/^(?!08|57P|25006)(?=.*\d)[0-9A-Z]{5}$/.test(stateOf(thrown.cause) ?? ""); // with a digit: EPIPE is not the server's
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof ApplicationError ? thrown.cause : thrown;
}

/** The SQLSTATE, or Node's code of a broken connection. */
function stateOf(thrown: unknown): string | undefined {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** An error of `pg` may carry values of rows and parameters of the connection; neither belongs in a log. */
function withoutDetail(thrown: unknown): Error {
  const code = stateOf(thrown);
  return Object.assign(new Error(messageOf(thrown)), code === undefined ? {} : { code });
}

function messageOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message || stateOf(thrown) || "the connection failed"; // Node gives no message where each of several addresses refused
}
