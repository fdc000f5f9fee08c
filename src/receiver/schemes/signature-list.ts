/** Where the signatures stand inside a value. */
export type SignatureForm =
  /** The whole value, after a fixed prefix where there is one: `sha256=…`, `v0=…`. */
  | { readonly form: "whole"; readonly prefix?: string }
  /** `key=value` pairs, such as `t=…,v1=…,v1=…`; unknown keys are ignored. `between` stands between key and value. */
  | {
      readonly form: "pairs";
      readonly signature: string;
      readonly timestamp?: string;
      readonly separator?: string;
      readonly between?: string;
    }
  /** Bare values with a separator, default a comma. With `timestampFirst`, the first is the signed time. */
  | { readonly form: "list"; readonly separator?: string; readonly prefix?: string; readonly timestampFirst?: boolean };

/** The signatures, and the time where it stands beside them; undefined if the value does not have the form. */
export interface SignatureList {
  readonly signatures: readonly string[];
  readonly timestamp?: string;
}

/** Whether the form has the signed time in it. */
export function holdsTimestamp(form: SignatureForm): boolean {
  return (form.form === "pairs" && form.timestamp !== undefined) || (form.form === "list" && form.timestampFirst === true);
}

/** Reads a value. Rejects rather than guesses: two times, no signature, or a pair without a name or `=` are malformed. */
export function readSignatures(value: string, form: SignatureForm): SignatureList | undefined {
  if (form.form === "whole") {
    const prefix = form.prefix ?? "";
    return value.startsWith(prefix) && value.length > prefix.length ? { signatures: [value.slice(prefix.length)] } : undefined;
  }
  return form.form === "list" ? readList(value, form) : readPairs(value, form);
}

function readList(value: string, form: SignatureForm & { readonly form: "list" }): SignatureList | undefined {
  const { prefix = "" } = form;
  const [first = "", ...rest] = value.split(form.separator ?? ",").map((text) => text.trim());
  const texts = (form.timestampFirst ? rest : [first, ...rest]).filter((text) => text !== "");
  const signatures = texts.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
  if (signatures.length === 0 || texts.length > maxSignatures) return undefined;
  return form.timestampFirst ? { signatures, timestamp: first } : { signatures };
}

function readPairs(value: string, form: SignatureForm & { readonly form: "pairs" }): SignatureList | undefined {
  const { between = "=", separator = "," } = form;
  const signatures: string[] = [];
  let timestamp: string | undefined;
  for (let start = 0; start <= value.length; ) {
    const next = value.indexOf(separator, start);
    const end = next < 0 ? value.length : next;
    const at = value.indexOf(between, start);
    const key = at < 0 || at > end ? "" : value.slice(start, at).trim();
    if (key === "") return undefined;
    const text = value.slice(at + between.length, end).trim();
    if (key === form.signature) signatures.push(text);
    else if (key === form.timestamp) {
      if (timestamp !== undefined) return undefined;
      timestamp = text;
    }
    start = end + separator.length;
  }
  if (signatures.length === 0 || signatures.length > maxSignatures) return undefined;
  if (form.timestamp === undefined) return { signatures };
  return timestamp === undefined ? undefined : { signatures, timestamp };
}

/** Writes what {@link readSignatures} reads. */
export function writeSignatures(signature: string, timestamp: string, form: SignatureForm): string {
  if (form.form === "whole") return `${form.prefix ?? ""}${signature}`;
  const { separator = "," } = form;
  if (form.form === "list") return `${form.timestampFirst ? timestamp + separator : ""}${form.prefix ?? ""}${signature}`;
  const { between = "=" } = form;
  const pair = `${form.signature}${between}${signature}`;
  return form.timestamp === undefined ? pair : `${form.timestamp}${between}${timestamp}${separator}${pair}`;
}

/** More signatures than any rotation needs; each costs a comparison. */
export const maxSignatures = 16;
