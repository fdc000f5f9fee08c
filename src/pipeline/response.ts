/** What a handler answers the provider with. Setting it on the context ends the run. */
export interface WebhookResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Status and headers of the helpers below. */
export interface ResponseOptions {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 410: tells the provider to stop sending. Many disable the webhook on it. */
export function gone(): WebhookResponse {
  return { status: 410 };
}

/** An empty answer with a status. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): WebhookResponse {
  return { status: code, headers };
}

/** A value as JSON. */
export function json(value: unknown, options: ResponseOptions = {}): WebhookResponse {
  return withType("application/json; charset=utf-8", JSON.stringify(value), options);
}

/** Plain text. */
export function text(body: string, options: ResponseOptions = {}): WebhookResponse {
  return withType("text/plain; charset=utf-8", body, options);
}

/** Why a value is not a response that can be sent, or undefined. Checked before anything is written. */
export function responseFault(response: unknown): string | undefined {
  if (typeof response !== "object" || response === null) return "it is not an object; use gone(), json(), text() or status().";
  const { status: code, headers = {}, body } = response as Partial<WebhookResponse>;
  if (!Number.isInteger(code) || (code as number) < 200 || (code as number) > 599) return "its status is not between 200 and 599.";
  if (typeof headers !== "object" || headers === null) return "its headers are not an object.";
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return "it has a header whose name is not allowed.";
    if (framingHeaders.has(name.toLowerCase())) return `it has the header ${name}, which is the server's affair.`;
    if (typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return `its header ${name} has a value that is not allowed.`;
  }
  return body === undefined || typeof body === "string" || body instanceof Uint8Array
    ? undefined
    : "its body is neither text nor bytes; use json() for values.";
}

/** Headers that say where a message ends or what becomes of the connection. */
const framingHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function withType(type: string, body: string, options: ResponseOptions): WebhookResponse {
  return {
    status: options.status ?? 200,
    headers: { "content-type": type, "x-content-type-options": "nosniff", ...options.headers },
    body,
  };
}
