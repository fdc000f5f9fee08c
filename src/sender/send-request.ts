import { type ClientRequest, type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { isIPv6, type LookupFunction, type TcpSocketConnectOpts } from "node:net";
import type { Deadline } from "./deadline.ts";
import { failed } from "./request-errors.ts";
import type { Target } from "./target.ts";

/** What came back, whatever its status. */
export interface GuardedAnswer {
  readonly status: number;
  /** Names in lower case; values that came in several lines are joined by a comma and a blank. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came over the wire: a content encoding is not undone. */
  readonly body: Buffer;
}

/** One request, judged and resolved. */
export interface PreparedRequest {
  readonly target: Target;
  /** The only addresses that may be connected to; all of them have been checked. */
  readonly addresses: readonly string[];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly maxBytes: number;
  readonly deadline: Deadline;
  /** Keeps no connection open, so that none is ever used for a name that now means another address. */
  readonly agent: HttpAgent;
  /** Certificates of authorities to trust instead of the system's. */
  readonly ca: string | undefined;
}

/** Makes a request and reads its answer. Redirects are answers like any other. */
export async function sendRequest(prepared: PreparedRequest): Promise<GuardedAnswer> {
  const { target, deadline, body, maxBytes } = prepared;
  deadline.signal.throwIfAborted();
  const request = start(prepared);
  try {
    onConnect(request, target, () => deadline.connected());
    const answer = answerTo(request, target.url, maxBytes);
    request.end(body);
    return await deadline.race(answer);
  } finally {
    // Also after an answer: it may have come before all of the body had been sent.
    request.destroy();
  }
}

function start({ target: { url, host, port }, ...prepared }: PreparedRequest): ClientRequest {
  const length = prepared.body === undefined ? {} : { "content-length": String(Buffer.byteLength(prepared.body)) };
  const options: RequestOptions & TcpSocketConnectOpts = {
    host,
    port,
    path: `${url.pathname}${url.search}`,
    method: prepared.method,
    headers: { ...prepared.headers, ...length },
    agent: prepared.agent,
    lookup: pinnedTo(prepared.addresses),
    autoSelectFamily: true,
    maxHeaderSize: 16 * 1024,
    insecureHTTPParser: false,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(prepared.ca === undefined ? {} : { ca: prepared.ca }),
  };
  return url.protocol === "https:" ? httpsRequest(options) : httpRequest(options);
}

/** Resolves every name to the addresses that have been checked, so that a second look-up cannot tell another story. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, callback) => {
    const [first] = all;
    if (options.all) callback(null, [...all]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function onConnect(request: ClientRequest, { url }: Target, connected: () => void): void {
  request.on("socket", (socket) => socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected));
}

/** The answer. Once it has begun, what becomes of the sending no longer matters. */
function answerTo(request: ClientRequest, url: URL, maxBytes: number): Promise<GuardedAnswer> {
  return new Promise((resolve, reject) => {
    request.on("response", (response) => resolve(readAnswer(response, url, maxBytes)));
    request.on("error", (cause) => reject(failed(url, "the connection failed.", cause)));
    request.on("close", () => reject(failed(url, "the connection ended without an answer.")));
  });
}

function readAnswer(response: IncomingMessage, url: URL, maxBytes: number): Promise<GuardedAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(failed(url, `the answer is longer than ${maxBytes} bytes.`));
      else chunks.push(chunk);
    });
    response.on("error", (cause) => reject(failed(url, "the connection ended in the middle of the answer.", cause)));
    response.on("close", () => reject(failed(url, "the connection ended in the middle of the answer.")));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: Buffer.concat(chunks) }));
  });
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}
