import { isIP } from "node:net";
import { blocked } from "./request-errors.ts";

/** Where a request goes, once its URL has been read and judged. */
export interface Target {
  readonly url: URL;
  /** A name without the final dot, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether `host` is an IP address, so that nothing is resolved. */
  readonly isAddress: boolean;
}

/** Which URLs may be asked for. */
export interface TargetRules {
  readonly allowHttp: boolean;
  readonly ports: ReadonlySet<number>;
}

/**
 * Reads a URL, once, and judges everything but the addresses behind it.
 *
 * @throws ApplicationError `request_blocked`: no URL, another scheme than https, a user name, a port that is not listed, or a
 *   name that is meant for private networks.
 */
export function readTarget(text: string, { allowHttp, ports }: TargetRules): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw blocked(undefined, "it has no valid URL.");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw blocked(url, "only https is spoken.");
  if (url.protocol === "http:" && !allowHttp) throw blocked(url, "plain http is not allowed here.");
  if (url.username !== "" || url.password !== "") throw blocked(url, "its URL holds a user name or password.");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  if (!ports.has(port)) throw blocked(url, `the port ${port} is not allowed here.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  const isAddress = isIP(host) !== 0;
  if (!isAddress && isPrivateName(host)) throw blocked(url, "its host name is one of private networks.");
  return { url, host, port, isAddress };
}

/** Special-use domain names (RFC 6761, 6762, 7686, 8375, 9476, and `internal` of ICANN), and those that home and office networks use. */
const privateDomains = [
  "alt",
  "corp",
  "example",
  "home",
  "home.arpa",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "onion",
  "private",
  "test",
];

/** The URL parser has already put names into lower case and ASCII. A name of one label is looked up in the own network first. */
function isPrivateName(host: string): boolean {
  return !host.includes(".") || privateDomains.some((domain) => host.endsWith(`.${domain}`) || host === domain);
}
