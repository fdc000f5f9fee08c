import type { ReceiverRequest } from "../request.ts";

/** What a signature covers, in order: literal text, or a part of the request. */
export type SignedPart = string | { readonly part: "timestamp" | "url" | "body" } | { readonly header: string };

/** A template such as `v0:{timestamp}:{body}`, compiled. */
export interface SignedText {
  readonly parts: readonly SignedPart[];
  /** Lower-case names of the headers that are covered. */
  readonly headers: readonly string[];
  readonly coversBody: boolean;
  readonly coversUrl: boolean;
  readonly coversTimestamp: boolean;
}

/**
 * Compiles a template of literals and `{body}`, `{timestamp}`, `{url}`, `{header:name}`.
 *
 * @throws TypeError on an unknown part, when the receiver is defined and not at the first request.
 */
export function compileSignedText(template: string): SignedText {
  const parts = template
    .split(/(\{[^}]*\})/)
    .filter((piece) => piece !== "")
    .map(compilePart);
  const covers = (name: string): boolean => parts.some((part) => typeof part === "object" && "part" in part && part.part === name);
  return {
    parts,
    headers: parts.flatMap((part) => (typeof part === "object" && "header" in part ? [part.header] : [])),
    coversBody: covers("body"),
    coversUrl: covers("url"),
    coversTimestamp: covers("timestamp"),
  };
}

/** The pieces to hash, or the name of the header that is missing or repeated. */
export function readSignedText(
  text: SignedText,
  request: ReceiverRequest,
  timestamp: string,
): { pieces: (string | Buffer)[] } | { missing: string } {
  const pieces: (string | Buffer)[] = [];
  for (const part of text.parts) {
    if (typeof part === "string") pieces.push(part);
    else if ("header" in part) {
      const value = request.headers.get(part.header);
      if (value === undefined || value === "") return { missing: part.header };
      pieces.push(value);
    } else if (part.part === "body") pieces.push(request.body);
    else pieces.push(part.part === "url" ? request.url : timestamp);
  }
  return { pieces };
}

function compilePart(piece: string): SignedPart {
  if (!piece.startsWith("{")) return piece;
  const name = piece.slice(1, -1);
  if (name === "body" || name === "timestamp" || name === "url") return { part: name };
  if (name.startsWith("header:") && name.length > 7) return { header: name.slice(7).toLowerCase() };
  throw new TypeError(`Signed text: unknown part ${piece}; known are {body}, {timestamp}, {url} and {header:name}.`);
}
