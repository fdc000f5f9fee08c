import { ReceiverRequest, type Scheme } from "../receiver/index.ts";
import { type VectorRequest, withHeaderChanged, withoutHeader, withoutParameter } from "./vector.ts";

/** A request that a receiver must refuse, and what was done to it. */
export interface ChangedRequest {
  readonly name: string;
  readonly request: VectorRequest;
  /** The code of the refusal, where only one is right. */
  readonly code?: string;
}

/** Every change to an authentic request that its proof must notice, by what the scheme says of itself. */
export function changedRequests(scheme: Scheme, request: VectorRequest, bodyBound = scheme.bodyBound): readonly ChangedRequest[] {
  return [...changedParts({ ...scheme, bodyBound }, request), ...changedHeaders(scheme, request), ...changedParameters(scheme, request)];
}

/** A secret of the same form with one character changed. */
export function changedSecret(secret: string): string {
  const index = secret.search(/[A-Za-z0-9](?=[A-Za-z0-9+/]{3,}=*$)/);
  return replaceAt(secret, Math.max(index, 0));
}

function changedParts(scheme: Scheme, request: VectorRequest): readonly ChangedRequest[] {
  const { url, body } = request;
  const changes: ChangedRequest[] = [];
  if (scheme.bodyBound) {
    changes.push({ name: "one changed byte in the body", request: { ...request, body: changedBody(body) } });
    changes.push({ name: "a byte behind the body", request: { ...request, body: Buffer.concat([body, Buffer.from("x")]) } });
  }
  if (scheme.signsPath ?? scheme.signsUrl) {
    changes.push({ name: "a changed path", request: { ...request, url: url.replace(/(\?|$)/, "x$1") } });
    changes.push({ name: "another query parameter", request: { ...request, url: `${url}${url.includes("?") ? "&" : "?"}x=1` } });
  }
  return changes;
}

function changedHeaders(scheme: Scheme, request: VectorRequest): readonly ChangedRequest[] {
  const { headers } = new ReceiverRequest(request);
  const present = scheme.proofHeaders.filter((name) => headers.all(name).length > 0);
  const alternatives = present.filter((name) => scheme.alternativeHeaders?.includes(name));
  if (alternatives.length > 1) return [withoutAny(request, alternatives)];
  const changes: ChangedRequest[] = present.flatMap((name) => [
    { name: `no header ${name}`, request: withoutHeader(request, name) },
    { name: `an empty header ${name}`, request: withHeaderChanged(request, name, () => "") },
    { name: `a changed header ${name}`, request: withHeaderChanged(request, name, changedValue) },
    { name: `a repeated header ${name}`, request: { ...request, rawHeaders: [...request.rawHeaders, name, headers.get(name) ?? ""] } },
  ]);
  const [signature] = present;
  return changes.map((change) => (change.name === `a repeated header ${signature}` ? { ...change, code: "signature_repeated" } : change));
}

/** Where any one of several headers will do, it is their lack that must be noticed. */
function withoutAny(request: VectorRequest, names: readonly string[]): ChangedRequest {
  return { name: `none of ${names.join(", ")}`, request: names.reduce(withoutHeader, request), code: "signature_missing" };
}

function changedParameters(scheme: Scheme, request: VectorRequest): readonly ChangedRequest[] {
  const { query } = new ReceiverRequest(request);
  return scheme.proofParameters
    .filter((name) => query.has(name))
    .flatMap((name) => {
      const value = query.get(name) ?? "";
      const without = withoutParameter(request, name);
      const add = (url: string, text: string): string => `${url}${url.includes("?") ? "&" : "?"}${name}=${encodeURIComponent(text)}`;
      return [
        { name: `no parameter ${name}`, request: without, code: "signature_missing" },
        { name: `a changed parameter ${name}`, request: { ...without, url: add(without.url, changedSecret(value)) } },
        { name: `a repeated parameter ${name}`, request: { ...request, url: add(request.url, value) }, code: "signature_repeated" },
      ];
    });
}

function changedBody(body: Buffer): Buffer {
  const changed = Buffer.from(body.length === 0 ? "x" : body);
  const middle = changed.length >> 1;
  if (body.length > 0) changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
  return changed;
}

/** Changes every run of characters that can be a signature, an id or a time. */
function changedValue(value: string): string {
  const changed = value.replace(/[A-Za-z0-9+/]{8,}/g, (run) => replaceAt(run, /^\d+$/.test(run) ? run.length - 1 : 0));
  return changed === value ? replaceAt(value, value.length - 1) : changed;
}

function replaceAt(text: string, index: number): string {
  const other = text[index] === "1" ? "2" : "1";
  return text.slice(0, index) + other + text.slice(index + 1);
}
