import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed } from "../verification.ts";
import { pathOf } from "./signed-text.ts";

/** What the header of a draft-cavage signature says. */
export interface SignatureParameters {
  readonly keyId: string | undefined;
  readonly algorithm: string | undefined;
  /** Names of the covered lines, in lower case. */
  readonly lines: readonly string[];
  readonly signature: string;
  readonly created: string | undefined;
  readonly expires: string | undefined;
}

/** Reads `keyId="…",algorithm="…",headers="…",signature="…"`; undefined for any other form or a repeated parameter. */
export function parseSignatureParameters(value: string): SignatureParameters | undefined {
  if (value.length > maxCharacters) return undefined;
  const parameters = new Map<string, string>();
  const pattern = /[ \t]*([A-Za-z]+)=(?:"([^"\\]*)"|([^\s",]+))[ \t]*(?:,|$)/y;
  while (pattern.lastIndex < value.length) {
    const [, name = "", quoted, bare = ""] = pattern.exec(value) ?? [];
    const key = name.toLowerCase();
    if (key === "" || parameters.has(key)) return undefined;
    parameters.set(key, quoted ?? bare);
  }
  const signature = parameters.get("signature");
  const lines = (parameters.get("headers") ?? "date").toLowerCase().split(" ");
  if (!signature || lines.includes("") || lines.length > maxLines || new Set(lines).size < lines.length) return undefined;
  return {
    keyId: parameters.get("keyid"),
    algorithm: parameters.get("algorithm")?.toLowerCase(),
    lines,
    signature,
    created: parameters.get("created"),
    expires: parameters.get("expires"),
  };
}

/** The text that a signature covers. draft-cavage-http-signatures-12, section 2.3. */
export function signingString(
  request: ReceiverRequest,
  { lines, created, expires }: Pick<SignatureParameters, "lines" | "created" | "expires">,
): string | FailedProof {
  const texts: string[] = [];
  for (const name of lines) {
    const value = lineValue(request, name, { created, expires });
    if (value === undefined) return failed("signed_part_missing", `The signature covers ${name}, which is missing.`);
    texts.push(`${name}: ${value}`);
  }
  return texts.join("\n");
}

const maxCharacters = 8_192;
const maxLines = 32;

/** The host is that of the URL that the provider called: proxies write another one into the header. */
function lineValue(request: ReceiverRequest, name: string, times: Pick<SignatureParameters, "created" | "expires">): string | undefined {
  switch (name) {
    case "(request-target)":
      return `${request.method.toLowerCase()} ${pathOf(request.url)}`;
    case "(created)":
      return times.created;
    case "(expires)":
      return times.expires;
    case "host":
      return URL.parse(request.url)?.host;
    default: {
      const values = request.headers.all(name);
      return values.length === 0 ? undefined : values.map((value) => value.trim()).join(", ");
    }
  }
}
