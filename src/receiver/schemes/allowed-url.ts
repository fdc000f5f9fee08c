/** From where a message may have keys and certificates loaded. */
export interface AllowedUrls {
  /** Host names, or a pattern that the whole host name must match. */
  readonly hosts: readonly string[] | RegExp;
  /** A pattern that the whole path must match. Default: any path. */
  readonly path?: RegExp;
  /** Whether a query is allowed. Default false. */
  readonly allowsQuery?: boolean;
}

/**
 * The URL in its one spelling, if it is allowed: https at the default port of an allowed host, without user, password or
 * fragment. The rule is applied to what the WHATWG parser made of the text, and that is what is then fetched, so that no two
 * readers can differ; where paths are concerned, percent-encoding and empty segments are refused.
 */
export function allowedUrl(text: string, { hosts, path, allowsQuery = false }: AllowedUrls): string | undefined {
  if (text.length > maxCharacters || !/^[!-~]+$/.test(text) || text.includes("\\")) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "" || text.includes("#")) return undefined;
  if (text.includes("?") && !allowsQuery) return undefined;
  if (!(hosts instanceof RegExp ? isWhole(hosts, url.hostname) : hosts.includes(url.hostname))) return undefined;
  if (/%|\/\//.test(url.pathname) || (path && !isWhole(path, url.pathname))) return undefined;
  return url.href;
}

const maxCharacters = 1_024;

/** Anchors the pattern at both ends itself: a forgotten `$` has let attackers' hosts in before. */
function isWhole(pattern: RegExp, text: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, "")).test(text);
}
