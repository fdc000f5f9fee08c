/** One setting of a receiver: what it is, what may stand in it, and the provider's production value as its default. */
export interface Setting<T> {
  readonly kind: "text" | "choice" | "flag" | "list" | "url";
  /** What it is and where the provider shows it, in a sentence. */
  readonly about: string;
  /** What holds where nothing is set. */
  readonly default?: T;
  /** Whether `createWebhooks` refuses to start without it. */
  readonly required: boolean;
  /** What a choice may be. */
  readonly choices?: readonly string[];
  /** What is wrong with a value, or undefined. The answer never contains the value. */
  faultOf(value: unknown): string | undefined;
}

/** What every receiver may be set to; no receiver has a setting of its own of these names. */
export const commonSettings: readonly string[] = [
  "maxBytes",
  "allowHttp",
  "toleranceSeconds",
  "deduplicate",
  "publicUrl",
  "unverified",
  "concurrency",
];

// biome-ignore lint/suspicious/noExplicitAny: a rule's type is its own affair; `SettingsOf` reads it.
export type SettingRules = Readonly<Record<string, Setting<any>>>;

/** The values that a receiver is given: every default filled in. */
export type SettingsOf<Rules extends SettingRules> = { readonly [K in keyof Rules]: Rules[K] extends Setting<infer T> ? T : never };

/** What a user may write under `settings.<receiver>`. */
export type SettingsInput<Rules extends SettingRules> = { readonly [K in keyof Rules]?: Exclude<SettingsOf<Rules>[K], undefined> };

interface Given<T> {
  readonly about: string;
  readonly default?: T;
}

/** Text. Optional unless `required`; undefined where it is neither set nor has a default. */
export function textSetting(given: Given<string> & { readonly default: string }): Setting<string>;
export function textSetting(given: Given<string> & { readonly required: true }): Setting<string>;
export function textSetting(given: Given<string>): Setting<string | undefined>;
export function textSetting(given: Given<string> & { readonly required?: true }): Setting<string | undefined> {
  return { kind: "text", required: false, ...given, faultOf: textFault };
}

/** The name of an HTTP header. */
export function headerSetting(given: Given<string> & { readonly default: string }): Setting<string>;
export function headerSetting(given: Given<string>): Setting<string | undefined>;
export function headerSetting(given: Given<string>): Setting<string | undefined> {
  return {
    kind: "text",
    required: false,
    ...given,
    faultOf: (value) =>
      typeof value === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value) ? undefined : "expected the name of a header.",
  };
}

/** An absolute https URL. */
export function urlSetting(given: Given<string> & { readonly default: string }): Setting<string>;
export function urlSetting(given: Given<string>): Setting<string | undefined>;
export function urlSetting(given: Given<string>): Setting<string | undefined> {
  return {
    kind: "url",
    required: false,
    ...given,
    faultOf: (value) => {
      const url = typeof value === "string" ? URL.parse(value) : null;
      return url?.protocol === "https:" && url.username === "" ? undefined : "expected an absolute https URL.";
    },
  };
}

/** One of a few words; the first is not the default unless it is named so. */
export function choiceSetting<const Choice extends string>(
  choices: readonly Choice[],
  given: { readonly about: string; readonly default: NoInfer<Choice> },
): Setting<Choice> {
  return {
    kind: "choice",
    required: false,
    choices,
    ...given,
    faultOf: (value) =>
      (choices as readonly unknown[]).includes(value) ? undefined : `expected ${choices.map((one) => `"${one}"`).join(" or ")}.`,
  };
}

/** Yes or no; default no. */
export function flagSetting(given: { readonly about: string; readonly default?: boolean }): Setting<boolean> {
  return {
    kind: "flag",
    required: false,
    about: given.about,
    default: given.default ?? false,
    faultOf: (value) => (typeof value === "boolean" ? undefined : "expected true or false."),
  };
}

/** One text or a list of them; a receiver is given the list, empty where nothing is set. */
export function listSetting(given: {
  readonly about: string;
  readonly default?: readonly string[];
  readonly required?: true;
}): Setting<readonly string[]> {
  return {
    kind: "list",
    required: given.required ?? false,
    about: given.about,
    default: given.default ?? [],
    faultOf: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((one) => textFault(one) === undefined)
        ? undefined
        : "expected a list of texts.",
  };
}

/**
 * The values of a receiver's settings, with defaults; and every fault, without any value's text.
 */
export function readSettings(
  rules: SettingRules,
  given: Readonly<Record<string, unknown>>,
): { readonly values: Readonly<Record<string, unknown>>; readonly faults: readonly { readonly name: string; readonly problem: string }[] } {
  const values: Record<string, unknown> = {};
  const faults: { name: string; problem: string }[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const value = given[name];
    if (value === undefined) {
      values[name] = rule.default;
      if (rule.required && (rule.default === undefined || rule.kind === "list"))
        faults.push({ name, problem: `is required: ${rule.about}` });
      continue;
    }
    const problem = rule.faultOf(value);
    if (problem) faults.push({ name, problem: `${problem} It is: ${rule.about}` });
    else values[name] = value;
  }
  return { values, faults };
}

function textFault(value: unknown): string | undefined {
  if (typeof value !== "string") return "expected text.";
  if (value.trim() !== value || value === "") return "expected text without white space at its ends.";
  return undefined;
}
