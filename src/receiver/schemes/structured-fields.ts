import { decodeBase64 } from "../encoding.ts";

/** A bare item. RFC 8941, section 3.3, without decimals, which neither signatures nor digests use. */
export type BareItem = string | number | boolean | Buffer | Token;

/** A word without quotes. */
export interface Token {
  readonly token: string;
}

export type Parameters = ReadonlyMap<string, BareItem>;

export interface Item {
  readonly value: BareItem;
  readonly parameters: Parameters;
}

export interface InnerList {
  readonly items: readonly Item[];
  readonly parameters: Parameters;
}

export type Dictionary = ReadonlyMap<string, Item | InnerList>;

/**
 * Parses a dictionary; undefined if the text is not one. Stricter than RFC 8941 wherever two readers could differ: a key that
 * occurs twice, base64 in another than its one spelling, and more members than any provider sends are refused. A library
 * would accept these, and offer as much again that nothing here needs.
 */
export function parseDictionary(text: string): Dictionary | undefined {
  if (text.length > maxCharacters) return undefined;
  try {
    return readDictionary({ text, at: 0 });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The one spelling of an inner list with its parameters. RFC 8941, section 4.1.1.1. */
export function serializeInnerList({ items, parameters }: InnerList): string {
  return `(${items.map(serializeItem).join(" ")})${serializeParameters(parameters)}`;
}

/** The one spelling of an item with its parameters. */
export function serializeItem({ value, parameters }: Item): string {
  return serializeBareItem(value) + serializeParameters(parameters);
}

export function isInnerList(member: Item | InnerList | undefined): member is InnerList {
  return member !== undefined && "items" in member;
}

const maxCharacters = 8_192;
const maxMembers = 64;

interface Cursor {
  readonly text: string;
  at: number;
}

function readDictionary(cursor: Cursor): Dictionary {
  const members = new Map<string, Item | InnerList>();
  take(cursor, / */y);
  for (;;) {
    const key = readKey(cursor);
    const member = skip(cursor, "=") ? readMember(cursor) : { value: true, parameters: readParameters(cursor) };
    put(members, key, member);
    take(cursor, /[ \t]*/y);
    if (cursor.at === cursor.text.length) return members;
    expectText(cursor, ",");
    take(cursor, /[ \t]*/y);
  }
}

function readMember(cursor: Cursor): Item | InnerList {
  if (!skip(cursor, "(")) return readItem(cursor);
  const items: Item[] = [];
  for (;;) {
    const isApart = take(cursor, / */y) !== "" || items.length === 0;
    if (skip(cursor, ")")) return { items, parameters: readParameters(cursor) };
    if (!isApart || items.length === maxMembers) throw new SyntaxError();
    items.push(readItem(cursor));
  }
}

function readItem(cursor: Cursor): Item {
  return { value: readBareItem(cursor), parameters: readParameters(cursor) };
}

function readParameters(cursor: Cursor): Parameters {
  const parameters = new Map<string, BareItem>();
  while (skip(cursor, ";")) {
    take(cursor, / */y);
    const key = readKey(cursor);
    put(parameters, key, skip(cursor, "=") ? readBareItem(cursor) : true);
  }
  return parameters;
}

function readBareItem(cursor: Cursor): BareItem {
  switch (cursor.text[cursor.at]) {
    case '"':
      return take(cursor, /"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/y, 2)
        .slice(1, -1)
        .replace(/\\(.)/g, "$1");
    case ":": {
      const bytes = decodeBase64(take(cursor, /:[A-Za-z0-9+/=]*:/y, 2).slice(1, -1));
      if (!bytes) throw new SyntaxError();
      return bytes;
    }
    case "?":
      return take(cursor, /\?[01]/y, 2) === "?1";
    default:
      return readNumberOrToken(cursor);
  }
}

function readNumberOrToken(cursor: Cursor): number | Token {
  const digits = take(cursor, /-?\d{1,15}(?![\d.])/y);
  return digits === "" ? { token: take(cursor, /[A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*/y, 1) } : Number(digits);
}

function readKey(cursor: Cursor): string {
  return take(cursor, /[a-z*][a-z0-9_\-.*]*/y, 1);
}

/** Takes what the sticky pattern matches, at least `minimum` characters of it. */
function take(cursor: Cursor, pattern: RegExp, minimum = 0): string {
  pattern.lastIndex = cursor.at;
  const [found = ""] = pattern.exec(cursor.text) ?? [];
  if (found.length < minimum) throw new SyntaxError();
  cursor.at += found.length;
  return found;
}

function skip(cursor: Cursor, text: string): boolean {
  const isThere = cursor.text.startsWith(text, cursor.at);
  if (isThere) cursor.at += text.length;
  return isThere;
}

function expectText(cursor: Cursor, text: string): void {
  if (!skip(cursor, text)) throw new SyntaxError();
}

function put<Value>(members: Map<string, Value>, key: string, value: Value): void {
  if (members.has(key) || members.size === maxMembers) throw new SyntaxError();
  members.set(key, value);
}

function serializeParameters(parameters: Parameters): string {
  return [...parameters].map(([key, value]) => (value === true ? `;${key}` : `;${key}=${serializeBareItem(value)}`)).join("");
}

function serializeBareItem(value: BareItem): string {
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "?1" : "?0";
  return Buffer.isBuffer(value) ? `:${value.toString("base64")}:` : value.token;
}
