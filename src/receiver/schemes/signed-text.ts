import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ReceiverRequest } from "../request.ts";
import { nameOfPlace, type Place, readPlace } from "./place.ts";

/** Stands for the secret in a text that is hashed rather than signed. */
export const secretPiece: unique symbol = Symbol("secret");

/** What is fed to a hash, in order. */
export type Piece = string | Buffer | typeof secretPiece;

/** What a signature covers, in order: literal text, or a part of the request. */
export type SignedPart =
  | string
  | { readonly part: SimplePart; readonly read: (request: ReceiverRequest, timestamp: string) => Piece }
  | { readonly place: Place; readonly isOptional: boolean; readonly isLowerCase: boolean };

type SimplePart = keyof typeof simpleParts;

/** A template such as `v0:{timestamp}:{body}`, compiled. */
export interface SignedText {
  readonly parts: readonly SignedPart[];
  /** Lower-case names of the headers that are covered. */
  readonly headers: readonly string[];
  readonly coversBody: boolean;
  /** The whole URL, so that `publicUrl` must be right. */
  readonly coversUrl: boolean;
  /** At least path and query. */
  readonly coversPath: boolean;
  readonly coversTimestamp: boolean;
}

/**
 * Compiles a template of literals and parts of the request:
 *
 * `{body}`, `{body:sha256}` and `{body:sha256-base64}` (its hash), `{body:crc32}` (in decimal), `{timestamp}` (as received),
 * `{method}`, `{url}` (absolute), `{path}` (with the query), `{pathname}`, `{query}` (as received), `{header:name}`,
 * `{query:name}` and `{field:path}` (of a JSON or form body); the last three with `?` behind the name where they may be
 * absent, and with `|lower` where they are signed in lower case. `{secret}` only where the text is hashed without a key.
 *
 * @throws TypeError on an unknown part, when the receiver is defined and not at the first request.
 */
export function compileSignedText(template: string): SignedText {
  const parts = template
    .split(/(\{[^}]*\})/)
    .filter((piece) => piece !== "")
    .map(compilePart);
  const covers = (...names: readonly SimplePart[]): boolean =>
    parts.some((part) => typeof part === "object" && "part" in part && names.includes(part.part));
  return {
    parts,
    headers: parts.flatMap((part) =>
      typeof part === "object" && "place" in part && "header" in part.place ? [part.place.header.toLowerCase()] : [],
    ),
    coversBody: covers("body", "body:sha256", "body:sha256-base64", "body:crc32"),
    coversUrl: covers("url"),
    coversPath: covers("url", "path"),
    coversTimestamp: covers("timestamp"),
  };
}

/** The pieces to hash, or the name of the part that is missing or repeated. */
export function readSignedText(text: SignedText, request: ReceiverRequest, timestamp: string): { pieces: Piece[] } | { missing: string } {
  const pieces: Piece[] = [];
  for (const part of text.parts) {
    if (typeof part === "string") pieces.push(part);
    else if ("read" in part) pieces.push(part.read(request, timestamp));
    else {
      const values = readPlace(request, part.place);
      const [value = ""] = values;
      if (values.length > 1 || (values.length === 0 && !part.isOptional)) return { missing: nameOfPlace(part.place) };
      pieces.push(part.isLowerCase ? value.toLowerCase() : value);
    }
  }
  return { pieces };
}

/** Path and query of an absolute URL, byte for byte. */
export function pathOf(url: string): string {
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1] ?? url;
  return path.startsWith("/") ? path : `/${path}`;
}

const simpleParts = {
  body: ({ body }: ReceiverRequest): Piece => body,
  "body:sha256": ({ body }: ReceiverRequest): Piece => createHash("sha256").update(body).digest("hex"),
  "body:sha256-base64": ({ body }: ReceiverRequest): Piece => createHash("sha256").update(body).digest("base64"),
  "body:crc32": ({ body }: ReceiverRequest): Piece => String(crc32(body)),
  timestamp: (_request: ReceiverRequest, timestamp: string): Piece => timestamp,
  method: ({ method }: ReceiverRequest): Piece => method,
  url: ({ url }: ReceiverRequest): Piece => url,
  path: ({ url }: ReceiverRequest): Piece => pathOf(url),
  pathname: ({ url }: ReceiverRequest): Piece => pathOf(url).replace(/\?.*/s, ""),
  query: ({ url }: ReceiverRequest): Piece => pathOf(url).replace(/^[^?]*\??/s, ""),
  secret: (): Piece => secretPiece,
};

function compilePart(piece: string): SignedPart {
  if (!piece.startsWith("{")) return piece;
  const name = piece.slice(1, -1);
  if (Object.hasOwn(simpleParts, name)) return { part: name as SimplePart, read: simpleParts[name as SimplePart] };
  const [, kind, key = "", optional, lower] = /^(header|query|field):([^?|]+)(\?)?(\|lower)?$/.exec(name) ?? [];
  const flags = { isOptional: optional !== undefined, isLowerCase: lower !== undefined };
  if (kind === "header") return { place: { header: key }, ...flags };
  if (kind === "query") return { place: { query: key }, ...flags };
  if (kind === "field") return { place: { body: key }, ...flags };
  throw new TypeError(`Signed text: unknown part ${piece}; known are ${known.join(", ")}.`);
}

const known = [...Object.keys(simpleParts).map((name) => `{${name}}`), "{header:name}", "{query:name}", "{field:path}"];
