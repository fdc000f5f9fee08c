import {
  choiceSetting,
  defineReceiver,
  type HmacOptions,
  headerSetting,
  hmac,
  type Setting,
  type SettingsOf,
  type Source,
  textSetting,
} from "../src/receiver/index.ts";

const settings = {
  header: headerSetting({ about: "The header with the signature.", default: "X-Signature" }),
  prefix: prefixSetting('What stands before the signature in its header, such as `sha256=` or "HMAC ".'),
  signaturePair: textSetting({ about: "The name of the signature where the header holds pairs: `v1` in `t=…,v1=…`." }),
  timestampPair: textSetting({ about: "The name of the signed time among these pairs: `t`." }),
  hash: choiceSetting(["sha256", "sha1", "sha384", "sha512"], { about: "The hash.", default: "sha256" }),
  encoding: choiceSetting(["hex", "base64", "base64url"], { about: "How the signature is written.", default: "hex" }),
  key: choiceSetting(["text", "base64", "hex"], { about: "How the secret becomes a key.", default: "text" }),
  signed: textSetting({ about: "What is signed, as a template such as `{timestamp}.{body}`.", default: "{body}" }),
  timestampHeader: headerSetting({ about: "The header with the signed time, where it does not stand beside the signature." }),
  timeUnit: choiceSetting(["seconds", "milliseconds", "seconds-or-milliseconds", "iso", "http-date"], {
    about: "How the signed time is written.",
    default: "seconds",
  }),
  eventHeader: headerSetting({ about: "The header that names the event. It is signed only where the template has it." }),
  eventField: textSetting({ about: "The path in the body that names the event, such as `type` or `data.kind`." }),
  idHeader: headerSetting({ about: "The header with an id of the delivery that stays the same when it is repeated." }),
  idField: textSetting({ about: "The path in the body of such an id." }),
};

/**
 * Any sender that signs with HMAC, described by settings alone; without any, `X-Signature` is HMAC-SHA256 of the body in hexadecimal.
 * The event stands where the settings say; without such a setting it is `change`.
 */
export const genericHmac = defineReceiver({
  name: "generic-hmac",
  title: "Generic HMAC",
  docs: "https://www.rfc-editor.org/rfc/rfc2104",
  category: "standards",
  confirmed: "vector",
  setup: "Enter the URL and a shared secret at the sender, and describe in the settings how it signs.",
  secretName: "the secret that is shared with the sender",
  eventNames: "What `eventHeader` or `eventField` finds; where neither is set, `change`.",
  notes: ["A template without `{body}` says nothing about the body; one without `{timestamp}` lets a recorded request stay valid."],
  settings,
  verify: schemeOf,
  body: { kinds: ["json", "form", "xml", "text"] },
  events: { value: "change" },
  sources: ({ eventHeader, eventField, idHeader, idField }) => ({
    events: placed(eventHeader, eventField),
    deliveryId: placed(idHeader, idField),
  }),
});

function placed(header: string | undefined, field: string | undefined): Source | undefined {
  const sources = [...(header === undefined ? [] : [{ header }]), ...(field === undefined ? [] : [{ body: field }])];
  return sources.length === 0 ? undefined : { firstOf: sources };
}

function schemeOf(values: SettingsOf<typeof settings>) {
  const { header, prefix, signaturePair, timestampPair, timestampHeader, ...rest } = values;
  if (prefix !== undefined && signaturePair !== undefined) throw fault("`prefix` and `signaturePair` exclude each other.");
  if (timestampPair !== undefined && signaturePair === undefined) throw fault("`timestampPair` takes `signaturePair` too.");
  if (timestampPair !== undefined && timestampHeader !== undefined)
    throw fault("`timestampPair` and `timestampHeader` exclude each other.");
  const { hash, encoding, key, signed, timeUnit } = rest;
  const pairs = {
    form: "pairs",
    signature: signaturePair ?? "",
    ...(timestampPair === undefined ? {} : { timestamp: timestampPair }),
  } as const;
  const whole = { form: "whole", prefix: prefix ?? "" } as const;
  const options: HmacOptions = { header, hash, encoding, key, signed, timeUnit, signature: signaturePair === undefined ? whole : pairs };
  try {
    return hmac({ ...options, ...(timestampHeader === undefined ? {} : { timestampHeader }) });
  } catch (error) {
    throw error instanceof TypeError ? fault(error.message) : error;
  }
}

function fault(problem: string): TypeError {
  return new TypeError(`the settings do not fit together: ${problem}`);
}

/** A prefix may end in a blank, as in `HMAC …`. */
function prefixSetting(about: string): Setting<string | undefined> {
  const isFine = (value: unknown): boolean => typeof value === "string" && /^[^\r\n]+$/.test(value);
  return { ...textSetting({ about }), faultOf: (value) => (isFine(value) ? undefined : "expected text of one line.") };
}
