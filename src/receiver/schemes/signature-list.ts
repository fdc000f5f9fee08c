/** Where the signatures stand inside a header's value. */
export type SignatureForm =
  /** The whole value, after a fixed prefix where there is one: `sha256=…`, `v0=…`. */
  | { readonly form: "whole"; readonly prefix?: string }
  /** `key=value` pairs, such as `t=…,v1=…,v1=…`; unknown keys are ignored. */
  | { readonly form: "pairs"; readonly signature: string; readonly timestamp?: string; readonly separator?: string };

/** The signatures, and the time where it stands beside them; undefined if the value does not have the form. */
export interface SignatureList {
  readonly signatures: readonly string[];
  readonly timestamp?: string;
}

/** Reads a header's value. Rejects rather than guesses: two times, no signature, or a pair without a name or `=` are malformed. */
export function readSignatures(value: string, form: SignatureForm): SignatureList | undefined {
  if (form.form === "whole") {
    const prefix = form.prefix ?? "";
    return value.startsWith(prefix) && value.length > prefix.length ? { signatures: [value.slice(prefix.length)] } : undefined;
  }
  const signatures: string[] = [];
  const timestamps: string[] = [];
  for (const pair of value.split(form.separator ?? ",")) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, Math.max(equals, 0)).trim();
    if (key === "") return undefined;
    const text = pair.slice(equals + 1).trim();
    if (key === form.signature) signatures.push(text);
    else if (key === form.timestamp) timestamps.push(text);
  }
  if (signatures.length === 0 || signatures.length > maxSignatures) return undefined;
  if (form.timestamp === undefined) return { signatures };
  const [timestamp] = timestamps;
  return timestamps.length === 1 && timestamp !== undefined ? { signatures, timestamp } : undefined;
}

/** Writes what {@link readSignatures} reads. */
export function writeSignatures(signature: string, timestamp: string, form: SignatureForm): string {
  if (form.form === "whole") return `${form.prefix ?? ""}${signature}`;
  const pair = `${form.signature}=${signature}`;
  return form.timestamp === undefined ? pair : `${form.timestamp}=${timestamp}${form.separator ?? ","}${pair}`;
}

/** More signatures than any rotation needs; each costs a comparison. */
export const maxSignatures = 16;
