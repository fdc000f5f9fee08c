import { lookup } from "node:dns/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Faults, maxTimerMs, show } from "../options.ts";
import { type AddressBlock, isPermitted, parseBlock } from "./address-guard.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import { blocked, failed } from "./request-errors.ts";
import { readHeaders } from "./request-headers.ts";
import { type GuardedAnswer, sendRequest } from "./send-request.ts";
import { readTarget, type Target } from "./target.ts";

export type { GuardedAnswer };

/** Finds the addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** What outgoing requests may do. The defaults suit URLs that strangers have a say in. */
export interface GuardedClientOptions {
  /** Blocks of addresses that may be asked although they are not public, such as `10.1.2.0/24`: exactly these. Default none. */
  readonly allow?: readonly string[];
  /** Whether plain http, and with it port 80, is allowed. Default false. */
  readonly allowHttp?: boolean;
  /** Ports besides 443 and 8443. Default none. */
  readonly ports?: readonly number[];
  /** Longest way to an open connection, name resolution and TLS included. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Longest way to the last byte of the answer. Default 15,000; a request may ask for less or more. */
  readonly timeoutMs?: number;
  /** Longest body of an answer. Default 64 KiB; a request may ask for less or more. */
  readonly maxBytes?: number;
  /** Certificates of authorities, in PEM, to trust instead of the system's: for a private network that has its own. */
  readonly ca?: string;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

/** One outgoing request. */
export interface GuardedRequest {
  readonly url: string;
  /** Default GET. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** All but those that frame the message: host, connection, content-length and their like. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Aborts the request, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

/**
 * The one way out: every outgoing request of the framework is made by a guarded client, so that a URL in which a stranger had
 * a say cannot reach the network that we stand in.
 *
 * A name is resolved once per request; every one of its addresses must be public, and only these are connected to. Redirects
 * are not followed and connections not kept.
 */
export interface GuardedClient {
  /**
   * Makes a request; any status is an answer.
   *
   * @throws ApplicationError `request_blocked` where it was not let out, `request_failed` where no complete answer came in time and size.
   */
  request(request: GuardedRequest): Promise<GuardedAnswer>;
}

/**
 * Creates the client through which outgoing requests are made.
 *
 * @throws ConfigurationError `invalid_options`.
 */
export function createGuardedClient(options: GuardedClientOptions = {}): GuardedClient {
  checkOptions(options);
  const { connectTimeoutMs = 5_000, timeoutMs = 15_000, maxBytes = 64 * 1024, allowHttp = false, resolve = systemResolve, ca } = options;
  const allow = (options.allow ?? []).flatMap((text) => parseBlock(text) ?? []);
  const ports = new Set([443, 8443, ...(allowHttp ? [80] : []), ...(options.ports ?? [])]);
  // Agents of our own: a global one may have been replaced by one that goes through a proxy or keeps connections.
  const agents = { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false, maxCachedSessions: 0 }) };

  async function request({ url, method = "GET", body, signal, ...own }: GuardedRequest): Promise<GuardedAnswer> {
    const target = readTarget(url, { allowHttp, ports });
    const headers = readHeaders(own.headers ?? {}, target.url);
    const deadline = startDeadline({ url: target.url, connectTimeoutMs, timeoutMs: own.timeoutMs ?? timeoutMs, signal });
    try {
      const addresses = await findAddresses(target, { allow, resolve, deadline });
      const agent = target.url.protocol === "https:" ? agents.https : agents.http;
      return await sendRequest({ target, addresses, method, headers, body, maxBytes: own.maxBytes ?? maxBytes, deadline, agent, ca });
    } finally {
      deadline.close();
    }
  }
  return { request };
}

function checkOptions({ allow = [], ports = [], ...options }: GuardedClientOptions): void {
  const faults = new Faults();
  if (!Array.isArray(allow)) faults.add("allow", `expected a list of address blocks, got ${show(allow)}.`);
  else
    for (const [index, text] of allow.entries())
      if (typeof text !== "string" || !parseBlock(text))
        faults.add(`allow[${index}]`, "expected a block of addresses that begins with its first, such as 10.1.2.0/24.");
  if (!Array.isArray(ports)) faults.add("ports", `expected a list of ports, got ${show(ports)}.`);
  else for (const [index, port] of ports.entries()) faults.checkInteger(`ports[${index}]`, port, 1, 65_535);
  faults.checkBoolean("allowHttp", options.allowHttp);
  if (options.connectTimeoutMs !== undefined) faults.checkInteger("connectTimeoutMs", options.connectTimeoutMs, 1, maxTimerMs);
  if (options.timeoutMs !== undefined) faults.checkInteger("timeoutMs", options.timeoutMs, 1, maxTimerMs);
  if (options.maxBytes !== undefined) faults.checkInteger("maxBytes", options.maxBytes, 0);
  faults.throwIfAny();
}

/** More answers than any honest name has. */
const maxAddresses = 32;

interface Finding {
  readonly allow: readonly AddressBlock[];
  readonly resolve: Resolve;
  readonly deadline: Deadline;
}

/** The addresses of a target. One that is not permitted spoils all: an honest name does not mix. */
async function findAddresses({ url, host, isAddress }: Target, { allow, resolve, deadline }: Finding): Promise<readonly string[]> {
  const addresses = isAddress ? [host] : await deadline.race(resolveName(url, host, resolve));
  if (addresses.length === 0) throw failed(url, "its host name has no address.");
  if (addresses.length > maxAddresses) throw blocked(url, `its host name has more than ${maxAddresses} addresses.`);
  if (!addresses.every((address) => isPermitted(address, allow))) throw blocked(url, "its host is not at a public address.");
  return addresses;
}

async function resolveName(url: URL, host: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (cause) {
    throw failed(url, "its host name could not be resolved.", cause);
  }
}

async function systemResolve(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
}
