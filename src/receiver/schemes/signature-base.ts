import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed } from "../verification.ts";
import { pathOf } from "./signed-text.ts";
import { type InnerList, type Item, serializeInnerList, serializeItem } from "./structured-fields.ts";

/** The bytes that a signature of RFC 9421 covers, section 2.5, or why they cannot be had. */
export function signatureBase(request: ReceiverRequest, input: InnerList): Buffer | FailedProof {
  const lines = new Map<string, string>();
  for (const item of input.items) {
    const identifier = serializeItem(item);
    if (lines.has(identifier)) return failed("signature_malformed", `The signature covers ${identifier} twice.`);
    const value = componentValue(request, item);
    if (typeof value !== "string") return value;
    lines.set(identifier, value);
  }
  const text = [...lines, ['"@signature-params"', serializeInnerList(input)]].map(([name, value]) => `${name}: ${value}`).join("\n");
  // Header values come from Node.js as Latin-1: written so, they are the bytes that were sent.
  return Buffer.from(text, "latin1");
}

/** Names of the components that are covered, as they stand in the input; those with parameters are left out. */
export function plainComponents(input: InnerList): readonly string[] {
  return input.items.flatMap(({ value, parameters }) => (typeof value === "string" && parameters.size === 0 ? [value] : []));
}

/** Whether components cover path and query, and whether they cover the whole URL but for its scheme. */
export function urlCoverage(components: readonly string[]): { readonly signsUrl: boolean; readonly signsPath: boolean } {
  const covers = (...names: readonly string[]): boolean => names.every((name) => components.includes(name));
  const signsPath = covers("@target-uri") || covers("@request-target") || covers("@path", "@query");
  return { signsPath, signsUrl: covers("@target-uri") || (signsPath && covers("@authority")) };
}

/** Components derived from the request. RFC 9421, section 2.2. */
const derived: Readonly<Record<string, (request: ReceiverRequest) => string>> = {
  "@method": ({ method }) => method,
  "@target-uri": ({ url }) => url,
  "@authority": ({ url }) => URL.parse(url)?.host ?? "",
  "@scheme": ({ url }) => URL.parse(url)?.protocol.slice(0, -1) ?? "",
  "@request-target": ({ url }) => pathOf(url),
  "@path": ({ url }) => pathOf(url).replace(/\?.*/s, ""),
  "@query": ({ url }) => `?${pathOf(url).replace(/^[^?]*\??/s, "")}`,
};

/**
 * The value of a component. Parameters that ask for another message or another spelling (`req`, `tr`, `sf`, `bs`, `key`) are
 * refused: no provider's documentation asks for them.
 */
function componentValue(request: ReceiverRequest, { value: name, parameters }: Item): string | FailedProof {
  if (typeof name !== "string") return failed("signature_malformed", "The signature covers something that is no component.");
  if (name === "@query-param") return queryParameter(request, parameters);
  if (parameters.size > 0) return failed("signature_malformed", `The signature covers ${name} with a parameter that is not supported.`);
  if (Object.hasOwn(derived, name)) return derived[name]?.(request) ?? "";
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return failed("signature_malformed", "The signature covers a component that is not known.");
  const values = request.headers.all(name);
  if (values.length === 0) return failed("signed_part_missing", `The signature covers the header ${name}, which is missing.`);
  const value = values.map((one) => one.trim()).join(", ");
  return /[\r\n]/.test(value) ? failed("signature_malformed", `The header ${name} holds a line break.`) : value;
}

/** RFC 9421, section 2.2.8: name and value as form data, written again in percent-encoding. A repeated one is refused. */
function queryParameter(request: ReceiverRequest, parameters: Item["parameters"]): string | FailedProof {
  const wanted = parameters.get("name");
  if (typeof wanted !== "string" || parameters.size !== 1)
    return failed("signature_malformed", "The signature covers an unnamed query parameter.");
  const values = [...request.query].filter(([name]) => percentEncode(name) === wanted).map(([, value]) => value);
  const [value] = values;
  if (value === undefined || values.length > 1)
    return failed("signed_part_missing", "A query parameter that is covered is missing or repeated.");
  return percentEncode(value);
}

/** The percent-encode set of form data, with a blank as `%20`. */
function percentEncode(text: string): string {
  const encoded = encodeURIComponent(text);
  return encoded.replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
