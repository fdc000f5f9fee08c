import type { Class, DependencyContainer } from "../di.ts";
import { ApplicationError, ConfigurationError, describeError, isWebhookError, RequestError } from "../errors.ts";
import { type Faults, join, show } from "../options.ts";
import type { FoundSecrets, Receiver, SecretFunction, SecretList, SecretProvider } from "../receiver/index.ts";
import { unverifiedKey } from "../receiver/schemes/none.ts";
import { defaultId, prepareKeys } from "../receiver/secrets.ts";
import { settleWithin } from "./settle-within.ts";

/** Something that looks secrets up: a function, an object, or a class that the container constructs. */
export type SecretSource = SecretFunction | SecretProvider | Class<SecretProvider>;

/** The secrets of one receiver: one, several (newest first), one set per id, or a source. */
export type ReceiverSecrets = SecretList | Readonly<Record<string, SecretList | undefined>> | SecretSource;

/** The `secrets` option: per receiver, or one source for all. */
export type SecretsOption = Readonly<Record<string, ReceiverSecrets | undefined>> | SecretSource;

/** Finds the keys of a receiver and id. Rejects with `unknown_id` or `secrets_unavailable`; never answers without a key. */
export type KeyLookup = (receiver: Receiver, id: string) => readonly unknown[] | Promise<readonly unknown[]>;

/** The keys of all receivers. */
export interface Keys {
  readonly keysOf: KeyLookup;
  /**
   * Has the container construct the sources that are classes, so that what they lack shows at start-up.
   *
   * @throws ConfigurationError `invalid_options`.
   */
  constructSources(): void;
}

interface SourceLookup {
  readonly keysOf: KeyLookup;
  construct(): SecretProvider;
}

/** Prepares fixed secrets once and checks all of them; every fault is collected under its path. */
export function createKeyLookup(
  secrets: SecretsOption,
  receivers: readonly Receiver[],
  container: DependencyContainer,
  timeoutMs: number,
  faults: Faults,
  isUnverified: (receiver: Receiver) => boolean = () => false,
): Keys {
  const lookups = new Map<string, KeyLookup>();
  // One lookup per source, so that a class is constructed once, whatever it serves.
  const sources = new Map<SecretSource, SourceLookup>();
  const shared = sourceOf(secrets);
  if (!shared && (typeof secrets !== "object" || secrets === null))
    faults.add("secrets", `expected an object or a source of secrets, got ${show(secrets)}.`);
  for (const receiver of receivers) {
    const configured = (secrets as Record<string, unknown>)?.[receiver.name];
    const own = shared ?? sourceOf(configured);
    if (isUnverified(receiver)) lookups.set(receiver.name, () => [unverifiedKey]);
    else if (own) {
      const lookup = sources.get(own) ?? createSourceLookup(own, container, timeoutMs);
      sources.set(own, lookup);
      lookups.set(receiver.name, lookup.keysOf);
    } else lookups.set(receiver.name, createFixedLookup(receiver, configured ?? receiver.defaultSecret, faults));
  }
  if (!shared && typeof secrets === "object" && secrets !== null && receivers.length > 0)
    faults.checkKeys("secrets", secrets, [...lookups.keys()]);
  return {
    keysOf: (receiver, id) => {
      const lookup = lookups.get(receiver.name);
      if (!lookup) throw new RequestError("unknown_id");
      return lookup(receiver, id);
    },
    constructSources: () => {
      for (const { construct } of sources.values()) construct();
    },
  };
}

function createFixedLookup(receiver: Receiver, secrets: unknown, faults: Faults): KeyLookup {
  const path = join("secrets", receiver.name);
  const sets = new Map<string, readonly unknown[]>();
  const add = (id: string, list: unknown, where: string): void => {
    const prepared = prepareKeys(receiver, list);
    if ("keys" in prepared) sets.set(id, prepared.keys);
    else
      for (const { index, problem } of prepared.faults)
        faults.add(Array.isArray(list) && list.length > 0 ? `${where}[${index}]` : where, problem);
  };
  const isHandedOver = receiver.handshakes.some(({ proof }) => proof === "setup");
  if (isHandedOver && (secrets === undefined || secrets === null)) return unknownId;
  if (typeof secrets === "string" || Array.isArray(secrets) || secrets === undefined || secrets === null) add(defaultId, secrets, path);
  else if (typeof secrets === "object") {
    const entries = Object.entries(secrets);
    if (entries.length === 0 && !isHandedOver) faults.add(path, "has no secret; a receiver without one would have to refuse everything.");
    for (const [id, list] of entries) {
      if (sets.has(id.toLowerCase())) faults.add(`${path}.${id}`, "the same id occurs twice; ids compare without case.");
      add(id.toLowerCase(), list, `${path}.${id}`);
    }
  } else faults.add(path, `expected a secret, a list, secrets by id, or a source, got ${show(secrets)}.`);
  return (_receiver, id) => {
    const keys = sets.get(id);
    if (!keys) throw new RequestError("unknown_id");
    return keys;
  };
}

/** Before the set-up, a receiver whose provider chooses the secret has none. */
function unknownId(): never {
  throw new RequestError("unknown_id");
}

function createSourceLookup(source: SecretSource, container: DependencyContainer, timeoutMs: number): SourceLookup {
  let provider: SecretProvider | undefined;
  const construct = (): SecretProvider => {
    provider ??= providerOf(source, container);
    return provider;
  };
  const keysOf: KeyLookup = async (receiver, id) => {
    const found = await ask(async () => construct().getSecrets(receiver.name, id), timeoutMs);
    if (found === undefined || found === null || (Array.isArray(found) && found.length === 0)) throw new RequestError("unknown_id");
    const prepared = prepareKeys(receiver, found);
    if ("keys" in prepared) return prepared.keys;
    const problems = prepared.faults.map(({ index, problem }) => `secret ${index}: ${problem}`).join(" ");
    throw unavailable(`The source of secrets answered something unusable: ${problems}`);
  };
  return { keysOf, construct };
}

async function ask(getSecrets: () => Promise<FoundSecrets>, timeoutMs: number): Promise<FoundSecrets> {
  try {
    return await settleWithin(getSecrets(), timeoutMs, () => unavailable(`The source of secrets did not answer within ${timeoutMs} ms.`));
  } catch (cause) {
    throw isLate(cause) ? cause : unavailable("The source of secrets failed.", { cause });
  }
}

function unavailable(message: string, options: { readonly cause?: unknown } = {}): ApplicationError {
  return new ApplicationError("secrets_unavailable", message, { ...options, headers: { "retry-after": "5" } });
}

function isLate(thrown: unknown): boolean {
  return isWebhookError(thrown) && thrown.code === "secrets_unavailable";
}

/** The source, if the value is one: a class or object with `getSecrets`, or a function. */
function sourceOf(value: unknown): SecretSource | undefined {
  if (typeof value === "function") return value as SecretFunction;
  if (typeof value === "object" && value !== null && "getSecrets" in value && typeof value.getSecrets === "function")
    return value as SecretProvider;
  return undefined;
}

function providerOf(source: SecretSource, container: DependencyContainer): SecretProvider {
  if (typeof source !== "function") return source;
  const isClass = typeof source.prototype?.getSecrets === "function";
  if (!isClass) return { getSecrets: source as SecretFunction };
  try {
    return container.resolve(source as Class<SecretProvider>);
  } catch (cause) {
    const message = `secrets: the container cannot construct ${source.name}: ${describeError(cause)}`;
    throw new ConfigurationError("invalid_options", message, { cause });
  }
}
