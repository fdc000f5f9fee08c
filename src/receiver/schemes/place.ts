import type { ReceiverRequest } from "../request.ts";
import { valuesAt } from "../source.ts";
import { unverifiedData } from "../unverified-body.ts";

/**
 * Where a part of a proof stands, in a request that is not verified yet. A header whose name ends in `*` stands for numbered
 * headers: `X-Signature-*` is `X-Signature-1`, `X-Signature-2` and so on. A path in the body makes the body be parsed, within limits.
 */
export type Place = { readonly header: string } | { readonly query: string } | { readonly body: string };

/** Every non-empty value at a place, as text. */
export function readPlace(request: ReceiverRequest, place: Place): readonly string[] {
  if ("header" in place)
    return place.header.endsWith("*") ? numberedHeaders(request, place.header.slice(0, -1)) : filled(request.headers.all(place.header));
  if ("query" in place) return filled(request.query.getAll(place.query));
  return filled(valuesAt(unverifiedData(request), place.body).flatMap((value) => (isScalar(value) ? [String(value)] : [])));
}

/** The place as a person would name it. */
export function nameOfPlace(place: Place): string {
  if ("header" in place) return `the header ${place.header}`;
  return "query" in place ? `the query parameter ${place.query}` : `the body's ${place.body}`;
}

/** Lower-case names of the headers among places. */
export function headersAmong(places: readonly (Place | undefined)[]): readonly string[] {
  return places.flatMap((place) => (place && "header" in place ? [place.header.toLowerCase()] : []));
}

/** Names of the query parameters among places. */
export function parametersAmong(places: readonly (Place | undefined)[]): readonly string[] {
  return places.flatMap((place) => (place && "query" in place ? [place.query] : []));
}

/** Puts a value at a place of a request that is being signed. */
export function writePlace(parts: WrittenParts, place: Place, value: string | number): void {
  if ("header" in place) parts.headers[place.header.replace(/\*$/, "1")] = String(value);
  else if ("query" in place) parts.url = withParameter(parts.url, place.query, String(value));
  else parts.fields[place.body] = value;
}

/** A request that is being signed. */
export interface WrittenParts {
  readonly headers: Record<string, string>;
  url: string;
  /** Paths in the body, and what is to stand there. */
  readonly fields: Record<string, string | number>;
}

function withParameter(url: string, name: string, value: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
}

function numberedHeaders(request: ReceiverRequest, prefix: string): readonly string[] {
  const { raw } = request.headers;
  const start = prefix.toLowerCase();
  const values: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    if (name.startsWith(start) && /^\d{1,3}$/.test(name.slice(start.length))) values.push(raw[i + 1] ?? "");
  }
  return filled(values);
}

function filled(values: readonly string[]): readonly string[] {
  return values.filter((value) => value !== "");
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}
