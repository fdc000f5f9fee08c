import { type BinaryToTextEncoding, createHmac } from "node:crypto";

/** A request as a provider sends it. Header names are as the provider spells them. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a package is asked to sign. */
export interface Sample {
  readonly url: string;
  readonly body: string;
  readonly secret: string;
  /** Unix seconds. The packages' own clock shows the same time. */
  readonly now: number;
  readonly deliveryId: string;
}

/** What a package adds to a request to sign it; what is absent stays as in the sample. */
export interface SignedBy {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly url?: string;
  readonly body?: string;
}

/** A vendor's own package, which must agree with the receiver of the same name. */
export interface Oracle {
  /** Name of the receiver. */
  readonly slug: string;
  /** Name of the package. */
  readonly package: string;
  /** Name of the package that signs, where it is another. */
  readonly signedBy?: string;
  /** The secret as it is configured. */
  readonly secret: string;
  /** The key that signs, where the secret is a public one. */
  readonly signingSecret?: string;
  /** What is configured besides the secret. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Bodies to try, each with `a.b` in it. Default {@link jsonBodies}. */
  readonly bodies?: readonly string[] | ((now: number) => readonly string[]);
  /** Bodies that our side signs, where the package makes bodies of its own. Default: the same. */
  readonly unsigned?: readonly string[];
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Headers that are signed along. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: a URL with a query. */
  readonly url?: string;
  readonly method?: string;
  /** What the provider publishes, by the URL that our side loads it from. */
  readonly published?: Readonly<Record<string, string>>;
  /** Changes what the proof covers. Default: the body's `a.b` becomes `a.c`. */
  tamper?(sent: Sent): Sent;
  sign?(sample: Sample): SignedBy | Promise<SignedBy>;
  /** The same by hand, from what the provider documents, where no package signs. */
  compute?(sample: Sample): SignedBy;
  /** May throw to refuse. */
  accepts?(sent: Sent, secret: string): unknown;
}

/** Compact, spaced and escaped JSON, numbers that parsers change, and text beyond ASCII. */
export const jsonBodies: readonly string[] = [
  '{"id":"evt_1","type":"a.b","data":{"n":1}}',
  '{"type":"a.b","text":"Größe 漢字 😀 \\u00e4 \\ud83d\\ude00 \\/ \\" \\u2028"}',
  '{\n  "type": "a.b",\n  "amount": 1.00,\n  "id": 12345678901234567890,\n  "small": 1e-7\n}\n',
];

/** For packages that hash what `JSON.stringify` makes of the parsed body. */
export const compactBodies: readonly string[] = [
  '{"id":"evt_1","type":"a.b","data":{"n":1}}',
  '{"type":"a.b","text":"Größe 漢字 😀 \\" / \\n"}',
];

/** The value of a header, whatever its case; empty if it is absent. */
export function headerOf({ headers }: Sent, name: string): string {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1] ?? "";
}

/** Every header under its lower-case name, as Node.js gives them. */
export function lowerHeaders({ headers }: Sent): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The same request with something else in a header. */
export function withHeader(sent: Sent, name: string, change: (value: string) => string): Sent {
  const headers = Object.entries(sent.headers).map(([key, value]) => [
    key,
    key.toLowerCase() === name.toLowerCase() ? change(value) : value,
  ]);
  return { ...sent, headers: Object.fromEntries(headers) };
}

/** HMAC-SHA256 as hexadecimal, unless said otherwise. */
export function hmacOf(key: string | Buffer, text: string, encoding: BinaryToTextEncoding = "hex", hash = "sha256"): string {
  return createHmac(hash, key).update(text).digest(encoding);
}
