import { isUtf8 } from "node:buffer";
import { parseForm } from "./body.ts";
import { inspectData } from "./inspect-data.ts";
import { parseMultipart } from "./multipart.ts";
import type { ReceiverRequest } from "./request.ts";

/**
 * The body as a value, before anything is proved, for proofs that stand in it: the JSON value, or the fields of a form.
 * Undefined if it does not parse or is too complex. Parsed once a request.
 */
export function unverifiedData(request: ReceiverRequest): unknown {
  if (parsed.has(request)) return parsed.get(request);
  const data = parse(request);
  parsed.set(request, data);
  return data;
}

const parsed = new WeakMap<ReceiverRequest, unknown>();

/** Tighter than for a verified body: this is work that a stranger can cause. */
const limits = { maxDepth: 50, maxKeys: 5_000 };

function parse(request: ReceiverRequest): unknown {
  if (!isUtf8(request.body)) return undefined;
  const contentType = request.headers.get("content-type") ?? "";
  try {
    if (/^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType))
      return parseForm(request.body.toString("utf8"), limits.maxKeys);
    if (/^\s*multipart\/form-data\s*;/i.test(contentType)) return parseMultipart(request.body, contentType, limits.maxKeys);
    const data: unknown = JSON.parse(request.body.toString("utf8").replace(/^\uFEFF/, ""));
    inspectData(data, limits);
    return data;
  } catch {
    return undefined;
  }
}
