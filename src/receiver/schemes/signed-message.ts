import { type DigestEncoding, encodeBytes } from "../encoding.ts";
import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed, type Scheme, type SignedParts, type VerifyContext } from "../verification.ts";
import { headersAmong, nameOfPlace, type Place, parametersAmong, readPlace, type WrittenParts, writePlace } from "./place.ts";
import {
  holdsTimestamp,
  maxSignatures,
  readSignatures,
  type SignatureForm,
  type SignatureList,
  writeSignatures,
} from "./signature-list.ts";
import { compileSignedText, type Piece, readSignedText, secretPiece } from "./signed-text.ts";
import { checkTimestamp, defaultTolerance, type TimeUnit, type Tolerance, writeTime } from "./timestamp.ts";
import { withFields } from "./with-fields.ts";
import { withHeaders } from "./with-headers.ts";

/** What a signature covers when a template cannot say it: alternatives, any of which may match, or a failed proof. */
export type SignedAlternatives = { readonly alternatives: readonly (readonly Piece[])[] } | FailedProof;

/** Signed text that a template cannot say, as functions of the request. */
export interface SignedReader {
  readonly coversBody: boolean;
  readonly coversUrl: boolean;
  /** `timestamp` is the signed time as received; empty where there is none. */
  read(request: ReceiverRequest, timestamp: string): SignedAlternatives;
  /** Lower-case names of headers that are covered. */
  readonly headers?: readonly string[];
  /** The URL as the provider calls it, where its query holds something about the body. Used to sign only. */
  urlToSign?(request: ReceiverRequest): string;
}

/** Where signature and signed time stand, and what is signed: the same for every kind of key. */
export interface SignedMessageOptions {
  /** The header that carries the signature, or several, any of which may. One whose name ends in `*` is numbered. */
  readonly header?: string | readonly string[];
  /** Where the signature stands, if not in a header. */
  readonly from?: Place;
  /** Where in its value the signatures stand. Default: the whole value. */
  readonly signature?: SignatureForm;
  /** Default `hex`, read in either case. */
  readonly encoding?: DigestEncoding;
  /** What is signed: a template such as `{timestamp}.{body}`, or a function of the request. Default `{body}`. */
  readonly signed?: string | SignedReader;
  /** The header with the signed time, where it does not stand beside the signature. */
  readonly timestampHeader?: string;
  /** Where the signed time stands, if neither beside the signature nor in a header. */
  readonly timestamp?: Place;
  /** Default `seconds`. */
  readonly timeUnit?: TimeUnit;
  /** How far the signed time may lie from now. Default 300 s back, 60 s ahead. `unchecked` where a provider signs old times. */
  readonly tolerance?: Tolerance | "unchecked";
}

/** What a request says of its own proof: signatures as text, and what each may cover. */
export interface ReadMessage {
  readonly signatures: readonly string[];
  readonly alternatives: readonly (readonly Piece[])[];
  readonly timestamp: string;
}

/** The options, compiled. */
export interface SignedMessage {
  /** The members of a scheme that follow from the options. */
  readonly facts: Pick<
    Scheme,
    "bodyBound" | "signsUrl" | "signsPath" | "proofHeaders" | "proofParameters" | "toleranceSeconds" | "alternativeHeaders"
  >;
  readonly encoding: DigestEncoding;
  /** The place of the signature, for hints. */
  readonly place: string;
  read(request: ReceiverRequest, context: VerifyContext): ReadMessage | FailedProof;
  /** Signs: `make` makes the signature of what is covered. */
  write(request: ReceiverRequest, context: VerifyContext, make: (pieces: readonly Piece[], timestamp: string) => Buffer): SignedParts;
}

/** Compiles options; `scheme` is the name for faults, thrown as TypeError when a receiver is defined. */
export function compileSignedMessage(scheme: string, options: SignedMessageOptions): SignedMessage {
  const { encoding = "hex", timeUnit = "seconds", tolerance = defaultTolerance } = options;
  const places = placesOf(scheme, options);
  const form = options.signature ?? { form: "whole" };
  const signed = typeof options.signed === "object" ? options.signed : compileSignedText(options.signed ?? "{body}");
  const timePlace = options.timestampHeader === undefined ? options.timestamp : { header: options.timestampHeader };
  const hasTimestamp = timePlace !== undefined || holdsTimestamp(form);
  const isInBody = timePlace !== undefined && "body" in timePlace && signed.coversBody;
  if ("parts" in signed && signed.coversTimestamp !== hasTimestamp && !isInBody) {
    throw new TypeError(`${scheme}: \`{timestamp}\` in the signed text and a place to read the time from go together.`);
  }
  const place = places.map(nameOfPlace).join(" or ");
  const onlyHeader = onlyHeaderOf(places);
  const isChecked = hasTimestamp && tolerance !== "unchecked";

  const alternativesOf = (request: ReceiverRequest, timestamp: string): SignedAlternatives => {
    if (!("parts" in signed)) return signed.read(request, timestamp);
    const text = readSignedText(signed, request, timestamp);
    if ("pieces" in text) return { alternatives: [text.pieces] };
    return failed("signed_part_missing", `${capital(text.missing)} is missing or repeated.`);
  };

  return {
    facts: {
      bodyBound: signed.coversBody,
      signsUrl: signed.coversUrl,
      signsPath: "parts" in signed ? signed.coversPath : signed.coversUrl,
      proofHeaders: [...headersAmong(places), ...(signed.headers ?? []), ...headersAmong([timePlace])],
      proofParameters: parametersAmong([...places, timePlace]),
      toleranceSeconds: isChecked ? tolerance.pastSeconds : undefined,
      ...(places.length > 1 ? { alternativeHeaders: headersAmong(places) } : {}),
    },
    encoding,
    place,

    read(request, context) {
      const found = (onlyHeader === undefined ? undefined : readOne(request, onlyHeader, form)) ?? readAll(request, places, form);
      if ("verified" in found) return found;
      let timestamp = found.timestamp ?? "";
      if (timePlace !== undefined) {
        const values = readPlace(request, timePlace);
        if (values.length !== 1) return failed("signed_part_missing", `${capital(nameOfPlace(timePlace))} is missing or repeated.`);
        timestamp = values[0] ?? "";
      }
      const stale = isChecked ? checkTimestamp(timestamp, tolerance, context, timeUnit) : undefined;
      if (stale?.verified === false) return stale;
      const texts = alternativesOf(request, timestamp);
      return "verified" in texts ? texts : { signatures: found.signatures, alternatives: texts.alternatives, timestamp };
    },

    write(request, context, make) {
      const timestamp = hasTimestamp ? writeTime(context.now, timeUnit) : "";
      const url = "parts" in signed ? request.url : (signed.urlToSign?.(request) ?? request.url);
      const parts: WrittenParts = { headers: {}, url, fields: {} };
      if (timePlace !== undefined) writePlace(parts, timePlace, /^\d+$/.test(timestamp) ? Number(timestamp) : timestamp);
      const signing = withParts(request, parts);
      const texts = alternativesOf(signing, timestamp);
      if ("verified" in texts) throw new TypeError(`sign: ${texts.hint}`);
      const signature = encodeBytes(make(texts.alternatives[0] ?? [], timestamp), encoding);
      const [first] = places;
      if (first) writePlace(parts, first, writeSignatures(signature, timestamp, form));
      return {
        headers: parts.headers,
        ...(parts.url === request.url ? {} : { url: parts.url }),
        ...(Object.keys(parts.fields).length === 0 ? {} : { body: withFields(request, parts.fields) }),
      };
    },
  };
}

/** The bytes of pieces, one after another, for algorithms that cannot be fed in parts. */
export function joinPieces(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (piece === secretPiece) throw new TypeError("`{secret}` stands only in a text that is hashed without a key.");
      return typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
    }),
  );
}

function placesOf(scheme: string, { header, from }: SignedMessageOptions): readonly Place[] {
  const headers = header === undefined ? [] : typeof header === "string" ? [header] : header;
  if ((headers.length === 0) === (from === undefined)) throw new TypeError(`${scheme}: name \`header\` or \`from\`, and not both.`);
  return from === undefined ? headers.map((name) => ({ header: name })) : [from];
}

/** The one header that carries the signature, as nearly everywhere: the short way for the request as it should be. */
function onlyHeaderOf([first, ...more]: readonly Place[]): string | undefined {
  return first && more.length === 0 && "header" in first && !first.header.endsWith("*") ? first.header : undefined;
}

function readOne(request: ReceiverRequest, header: string, form: SignatureForm): SignatureList | undefined {
  const value = request.headers.get(header);
  return value ? readSignatures(value, form) : undefined;
}

/** The signatures at all places; a place that is filled twice is refused, since somebody added to the request. */
function readAll(request: ReceiverRequest, places: readonly Place[], form: SignatureForm): SignatureList | FailedProof {
  const signatures: string[] = [];
  let timestamp: string | undefined;
  for (const place of places) {
    const values = readPlace(request, place);
    const isNumbered = "header" in place && place.header.endsWith("*");
    if (values.length > 1 && !isNumbered) return failed("signature_repeated", `${capital(nameOfPlace(place))} occurs more than once.`);
    for (const value of values) {
      const list = readSignatures(value, form);
      if (!list) return failed("signature_malformed", `${capital(nameOfPlace(place))} does not have the provider's form.`);
      if (list.timestamp !== undefined && timestamp !== undefined && list.timestamp !== timestamp)
        return failed("signature_malformed", "Two signatures state different times.");
      signatures.push(...list.signatures);
      timestamp ??= list.timestamp;
    }
  }
  if (signatures.length > maxSignatures) return failed("signature_malformed", `There are more than ${maxSignatures} signatures.`);
  if (signatures.length > 0) return timestamp === undefined ? { signatures } : { signatures, timestamp };
  return failed("signature_missing", `${capital(places.map(nameOfPlace).join(" or "))} is missing. Is a secret set at the provider?`);
}

function withParts(request: ReceiverRequest, { headers, url, fields }: WrittenParts): ReceiverRequest {
  const body = Object.keys(fields).length === 0 ? request.body : withFields(request, fields);
  return withHeaders(request, headers).with({ url, body });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
