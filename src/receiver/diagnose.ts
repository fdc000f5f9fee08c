import { decodeBase64, decodeHex } from "./encoding.ts";
import type { ReceiverRequest } from "./request.ts";
import { type Scheme, type VerifyContext, verifyRequest } from "./verification.ts";

/** Bodies larger than this are not diagnosed: each guess costs a hash, and a stranger chooses the body. */
export const maxDiagnosedBytes = 64 * 1024;

/**
 * Guesses why no secret matched, by verifying again what the request may have looked like when it was signed.
 * For the log only; undefined if no guess fits. The guesses are few and the body is bounded.
 */
export function diagnose(scheme: Scheme, request: ReceiverRequest, keys: readonly unknown[], context: VerifyContext): string | undefined {
  if (request.body.length > maxDiagnosedBytes) return undefined;
  if (scheme.isRemote) return undefined;
  const holds = (changed: ReceiverRequest, secrets: readonly unknown[] = keys): boolean => {
    const result = verifyRequest(scheme, changed, secrets, context);
    return !(result instanceof Promise) && result.verified;
  };
  if (scheme.bodyBound) {
    for (const body of earlierBodies(request.body)) {
      if (holds(request.with({ body })))
        return "The body was re-serialised on its way: a body parser or proxy changed its bytes, though not its meaning.";
    }
  }
  if (scheme.signsUrl) {
    for (const url of otherUrls(request.url)) {
      if (holds(request.with({ url })))
        return `The provider signed ${withoutQuery(url)}, this process expected ${withoutQuery(request.url)}. Set \`publicUrl\` to what the provider calls.`;
    }
  }
  for (const [secrets, hint] of otherSecrets(keys)) {
    if (secrets.length > 0 && holds(request, secrets)) return hint;
  }
  return undefined;
}

function* earlierBodies(body: Buffer): Generator<Buffer> {
  const text = body.toString("utf8");
  const trimmed = text.trimEnd();
  if (trimmed !== text) yield Buffer.from(trimmed);
  yield Buffer.from(`${text}\n`);
  try {
    const value: unknown = JSON.parse(text);
    for (const indent of [undefined, 2, 4]) yield Buffer.from(JSON.stringify(value, null, indent));
    yield Buffer.from(pythonStyle(JSON.stringify(value)));
  } catch {
    // Not JSON, or nested too deep to write: no such guess.
  }
}

/** Compact JSON with a blank after each comma and colon, outside strings, as Python's `json.dumps` writes it. */
function pythonStyle(json: string): string {
  return json.replace(
    /("(?:[^"\\]|\\.)*")|([,:])/g,
    (_match, string: string | undefined, mark: string | undefined) => string ?? `${mark} `,
  );
}

function* otherUrls(url: string): Generator<string> {
  const swapped = url.startsWith("https:") ? `http:${url.slice(6)}` : `https:${url.slice(5)}`;
  yield swapped;
  for (const one of [url, swapped]) {
    const [path = "", query] = one.split(/\?(.*)/s);
    const rest = query === undefined ? "" : `?${query}`;
    yield path.endsWith("/") ? `${path.slice(0, -1)}${rest}` : `${path}/${rest}`;
    yield path;
  }
}

function otherSecrets(keys: readonly unknown[]): readonly (readonly [readonly Buffer[], string])[] {
  const texts = keys.filter((key): key is Buffer => Buffer.isBuffer(key)).map((key) => key.toString("utf8"));
  const as = (decode: (text: string) => Buffer | undefined): Buffer[] =>
    texts.map(decode).filter((key): key is Buffer => key !== undefined && key.length > 0);
  return [
    [
      as((text) => (text.startsWith("whsec_") ? Buffer.from(text.slice(6)) : undefined)),
      "The secret matches without its `whsec_` prefix. Copy it as this provider shows it.",
    ],
    [
      as((text) => decodeBase64(text.replace(/^whsec_/, ""))),
      "The secret matches once it is decoded from base64. Is this the right receiver for the provider?",
    ],
    [as(decodeHex), "The secret matches once it is decoded from hexadecimal. Is this the right receiver for the provider?"],
  ];
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*/s, "");
}
