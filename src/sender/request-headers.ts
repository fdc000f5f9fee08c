import { blocked } from "./request-errors.ts";

/** They frame the message or steer the connection, and so belong to the client. */
const ownHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The headers of an outgoing request: the caller's as they are spelled, over our own.
 *
 * @throws ApplicationError `request_blocked`: a header that belongs to the client, one that occurs twice, or a name or value with
 *   other characters than HTTP allows. Values are printable ASCII; the message names the header, never its value.
 */
export function readHeaders(given: Readonly<Record<string, string>>, url: URL): Record<string, string> {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~\da-z-]+$/.test(lower)) throw blocked(url, "the name of a header holds characters that HTTP does not allow.");
    if (ownHeaders.has(lower)) throw blocked(url, `the header ${lower} belongs to the client.`);
    if (seen.has(lower)) throw blocked(url, `the header ${lower} occurs twice.`);
    if (typeof value !== "string" || !/^[\t\x20-\x7e]*$/.test(value)) throw blocked(url, `the header ${lower} is not printable ASCII.`);
    seen.add(lower);
  }
  const own = Object.entries({ "user-agent": "Hookwright", "accept-encoding": "identity" }).filter(([name]) => !seen.has(name));
  return { ...Object.fromEntries(own), ...given };
}
