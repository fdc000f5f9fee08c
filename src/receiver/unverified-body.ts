import { type BodyKind, type BodyRule, bodyKindOf, parseBody } from "./body.ts";
import type { ReceiverRequest } from "./request.ts";

/**
 * The body as a value, before anything is proved, for proofs that stand in it: the JSON value, or the fields of a form.
 * Undefined if it does not parse, is too complex, compressed, or XML. Parsed once a request.
 *
 * It is read by the receiver's own rule, as it is read once more after the proof: were one the JSON and the other the form of the
 * same bytes, a proof would be about another body than the one that handlers see.
 */
export function unverifiedData(request: ReceiverRequest): unknown {
  if (parsed.has(request)) return parsed.get(request);
  const data = parse(request);
  parsed.set(request, data);
  return data;
}

/** How {@link unverifiedData} and the handlers' data read the body; undefined if they do not. */
export function unverifiedKind(request: ReceiverRequest): BodyKind | undefined {
  return bodyKindOf(request.headers.get("content-type"), request.bodyRule ?? byContentType);
}

const parsed = new WeakMap<ReceiverRequest, unknown>();

/** Tighter than for a verified body: this is work that a stranger can cause. */
const limits = { maxDepth: 50, maxKeys: 5_000 };

/** What a request says of itself, where no receiver has a rule: in tests. */
const byContentType: BodyRule = { kinds: ["json", "form", "multipart"] };

function parse(request: ReceiverRequest): unknown {
  const encoding = request.headers.all("content-encoding").join();
  if (!request.isDecoded && encoding !== "" && encoding.toLowerCase() !== "identity") return undefined;
  const { jsonField: _whole, ...rule } = request.bodyRule ?? byContentType;
  if (readsXml(request, rule)) return undefined;
  try {
    const read = parseBody(request.body, request.headers.get("content-type"), rule, limits);
    return read instanceof Promise ? undefined : read.data;
  } catch {
    return undefined;
  }
}

/** XML is parsed by a library that is loaded late, too late for here. */
function readsXml(request: ReceiverRequest, { kinds, ignoreContentType }: BodyRule): boolean {
  if (!kinds.includes("xml")) return false;
  const contentType = request.headers.get("content-type") ?? "";
  return /xml/i.test(contentType) || ((ignoreContentType || contentType === "") && kinds[0] === "xml");
}
