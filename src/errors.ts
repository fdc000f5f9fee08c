import { type ErrorCode, errorCodes } from "./error-codes.ts";

/** What a {@link WebhookError} may carry besides its code and message. */
export interface WebhookErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** HTTP status; default: the one of the code. */
  readonly status?: number;
  /** What a person can do about it. Logged, never sent to the provider. */
  readonly hint?: string;
  /** Headers that the HTTP answer carries, such as `Allow` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the sender of the request may read the message. Default false. */
  readonly expose?: boolean;
}

/**
 * The one base of everything that Hookwright throws: a stable `code`, the HTTP `status` it leads to,
 * and whether the sender may read the message (`expose`, as in Koa).
 */
export class WebhookError extends Error {
  override name = "WebhookError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly expose: boolean;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string = errorCodes[code].meaning, options: WebhookErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.status = options.status ?? errorCodes[code].status;
    this.expose = options.expose ?? false;
    this.hint = options.hint;
    this.headers = options.headers ?? {};
  }
}

/** The sender of a request is at fault: 4xx, or 503 where it should come again. */
export class RequestError extends WebhookError {
  override name = "RequestError";
}

/** The application is at fault: a handler, its queue, its store or its source of secrets. */
export class ApplicationError extends WebhookError {
  override name = "ApplicationError";
}

/** The options are at fault. Thrown at start-up, with every fault and its path in one message. */
export class ConfigurationError extends WebhookError {
  override name = "ConfigurationError";
}

/**
 * Thrown by a handler to answer the provider with a 4xx of its choice and stop the run. The message is sent.
 *
 * @throws RangeError if `status` is not between 400 and 499.
 * @example throw new RejectDelivery(422, "unknown customer");
 */
export class RejectDelivery extends WebhookError {
  override name = "RejectDelivery";

  constructor(status: number, message: string, options: Omit<WebhookErrorOptions, "status" | "expose"> = {}) {
    if (!(Number.isInteger(status) && status >= 400 && status <= 499)) {
      throw new RangeError(`RejectDelivery takes a status from 400 to 499, not ${status}. Throw any other error for a 500.`);
    }
    super("delivery_rejected", message, { ...options, status, expose: true });
  }
}

/** Whether a thrown value is one of ours. Unlike a bare `instanceof`, it survives a proxy whose traps throw. */
export function isWebhookError(thrown: unknown): thrown is WebhookError {
  try {
    return thrown instanceof WebhookError;
  } catch {
    return false;
  }
}

/** The error at the bottom of our own wrapping, or what it is that the options lack: the one that a person wants to see. */
export function rootCauseOf(error: unknown): unknown {
  let root: unknown = error;
  while (isWebhookError(root) && !(root instanceof ConfigurationError) && Object.hasOwn(root, "cause")) root = root.cause;
  return root;
}

/** Any thrown value as one line of text, safe to log: user code may throw anything, even an object whose members throw. */
export function describeError(thrown: unknown, maxLength = 2000): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  } catch {
    return "a thrown value that cannot be described";
  }
}
