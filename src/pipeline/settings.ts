import { type Faults, join, type Limits, show } from "../options.ts";
import { allowedMethods, type Receiver, type SettingsInput } from "../receiver/index.ts";
import { commonSettings } from "../receiver/settings.ts";
import type { Delivery } from "./delivery.ts";
import type { ReceiverSettings } from "./receive.ts";

/** What can be set for one receiver, under `settings.<receiver>`. */
export interface ReceiverSettingsOptions {
  /** Largest body in bytes. Default: `limits.maxBytes`. */
  readonly maxBytes?: number;
  /** Takes plain HTTP from other machines. Default: the `allowHttp` option. */
  readonly allowHttp?: boolean;
  /** How old a signed time may be, in seconds. Default: the receiver's own. */
  readonly toleranceSeconds?: number;
  /**
   * Whether a delivery that was handled before is answered 2xx and runs nothing. Default: where a queue handler takes part.
   * A function says by what a delivery is known; undefined means that this one is not remembered.
   */
  readonly deduplicate?: boolean | ((delivery: Delivery) => string | undefined);
  /** What the provider calls, where it differs from the `publicUrl` option. */
  readonly publicUrl?: string;
  /**
   * Accepts requests that nothing proves, from providers that prove nothing and without a code in the URL. Logged at every
   * start. Default false.
   */
  readonly unverified?: boolean;
  /** How many queued deliveries of this receiver one worker process works on at once. Default: as many as `worker.concurrency`. */
  readonly concurrency?: number;
}

/** The `settings` option: per receiver, what all of them share and what is its own. */
export type SettingsOption<Receivers extends readonly Receiver[] = readonly Receiver[]> = {
  readonly [One in Receivers[number] as One["name"]]?: ReceiverSettingsOptions & SettingsInput<One["settings"]>;
};

/** The settings that are a receiver's own. */
export function ownSettings(given: object = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !commonSettings.includes(name)));
}

/** The base URL and settings of every receiver, with defaults; faults are collected under their paths. */
export function createSettings(
  receivers: readonly Receiver[],
  options: {
    readonly settings: Readonly<Record<string, ReceiverSettingsOptions | undefined>>;
    readonly publicUrl: string | undefined;
    readonly allowHttp: boolean;
    readonly limits: Limits;
  },
  faults: Faults,
): { readonly settingsOf: (receiver: Receiver) => ReceiverSettings; readonly baseUrlOf: (receiver: Receiver | undefined) => string } {
  const settings = new Map<string, ReceiverSettings>();
  const baseUrls = new Map<string, string>();
  faults.checkKeys(
    "settings",
    options.settings,
    receivers.map((receiver) => receiver.name),
  );
  checkUrl("publicUrl", options.publicUrl, faults);
  for (const receiver of receivers) {
    const own = options.settings[receiver.name] ?? {};
    const path = join("settings", receiver.name);
    faults.checkKeys(path, own, [...commonSettings, ...Object.keys(receiver.settings)]);
    faults.checkBoolean(`${path}.unverified`, own.unverified);
    if (own.unverified && receiver.verify.name !== "none")
      faults.add(`${path}.unverified`, `${receiver.title} proves its requests, so they are verified.`);
    if (own.concurrency !== undefined) faults.checkInteger(`${path}.concurrency`, own.concurrency, 1);
    if (own.maxBytes !== undefined) faults.checkInteger(`${path}.maxBytes`, own.maxBytes, 1);
    if (own.toleranceSeconds !== undefined) {
      faults.checkInteger(`${path}.toleranceSeconds`, own.toleranceSeconds, 1);
      if (receiver.verify.toleranceSeconds === undefined) faults.add(`${path}.toleranceSeconds`, `${receiver.title} signs no time.`);
    }
    if (own.deduplicate === true && receiver.deliveryId === undefined)
      faults.add(`${path}.deduplicate`, `${receiver.title} sends no delivery id; give a function that makes one.`);
    faults.checkBoolean(`${path}.allowHttp`, own.allowHttp);
    if (typeof own.deduplicate !== "function") faults.checkBoolean(`${path}.deduplicate`, own.deduplicate);
    checkUrl(`${path}.publicUrl`, own.publicUrl, faults);
    const publicUrl = own.publicUrl ?? options.publicUrl;
    if (receiver.verify.signsUrl && publicUrl === undefined) {
      faults.add(
        "publicUrl",
        `${receiver.title} signs the URL that it calls; set the address that it calls, such as "https://hooks.example.com". It is never guessed from the Host header.`,
      );
    }
    if (typeof publicUrl === "string") baseUrls.set(receiver.name, publicUrl.replace(/\/+$/, ""));
    settings.set(receiver.name, {
      maxBytes: own.maxBytes ?? options.limits.maxBytes,
      maxDepth: options.limits.maxDepth,
      maxKeys: options.limits.maxKeys,
      methods: allowedMethods(receiver),
      allowHttp: own.allowHttp ?? options.allowHttp,
      toleranceSeconds: own.toleranceSeconds,
      deduplicate: own.deduplicate ?? "queue",
    });
  }
  return {
    settingsOf: (receiver) => {
      const found = settings.get(receiver.name);
      if (!found) throw new TypeError(`The receiver ${receiver.name} has no settings.`);
      return found;
    },
    baseUrlOf: (receiver) => (receiver && baseUrls.get(receiver.name)) ?? "https://unknown.invalid",
  };
}

function checkUrl(path: string, url: string | undefined, faults: Faults): void {
  if (url === undefined) return;
  const parsed = typeof url === "string" ? URL.parse(url) : null;
  if (
    !parsed ||
    (parsed.protocol !== "https:" && parsed.protocol !== "http:") ||
    parsed.search !== "" ||
    parsed.hash !== "" ||
    parsed.username !== ""
  ) {
    faults.add(path, `expected an absolute http(s) URL without query, such as "https://hooks.example.com", got ${show(url)}.`);
  }
}
