import type { Receiver } from "./define-receiver.ts";
import { secretTextFault } from "./secret-format.ts";

/** One secret, or several while one replaces another, newest first. At most {@link maxSecrets}. */
export type SecretList = string | readonly string[];

/** What a source of secrets answers for a receiver and id; nothing, or an empty list, means that the id is unknown. */
export type FoundSecrets = SecretList | null | undefined;

/** Looks secrets up, in a vault or a database. Asked for every delivery: cache there what is slow. */
export interface SecretProvider {
  getSecrets(receiver: string, id: string): FoundSecrets | Promise<FoundSecrets>;
}

/** Secrets as a function. */
export type SecretFunction = (receiver: string, id: string) => FoundSecrets | Promise<FoundSecrets>;

/** The id of a URL that names none. */
export const defaultId = "default";

/** Five active secrets: more than any rotation needs, and each costs a hash for every forged request. */
export const maxSecrets = 5;

/**
 * Turns secrets into the scheme's keys.
 *
 * @returns the keys, or every fault, with the position in the list and without any secret's text.
 */
export function prepareKeys(
  receiver: Receiver,
  secrets: unknown,
): { readonly keys: readonly unknown[] } | { readonly faults: readonly { readonly index: number; readonly problem: string }[] } {
  const list = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) return { faults: [{ index: 0, problem: "the list of secrets is empty." }] };
  if (list.length > maxSecrets) return { faults: [{ index: maxSecrets, problem: `at most ${maxSecrets} secrets may be active at once.` }] };
  const faults: { index: number; problem: string }[] = [];
  const keys: unknown[] = [];
  for (const [index, text] of list.entries()) {
    const prepared = prepareKey(receiver, text);
    if ("problem" in prepared) faults.push({ index, problem: prepared.problem });
    else keys.push(prepared.key);
  }
  return faults.length > 0 ? { faults } : { keys };
}

function prepareKey(receiver: Receiver, text: unknown): { readonly key: unknown } | { readonly problem: string } {
  const fault = secretTextFault(text);
  if (fault || typeof text !== "string") return { problem: fault ?? "expected a secret as a string." };
  const format = receiver.verify.secret;
  const key: unknown = format.parse(text);
  if (key === undefined) return { problem: `the secret does not have the form that ${receiver.title} uses: ${format.description}.` };
  const bytes = format.byteLength(text);
  const { min, max } = receiver.secretBytes;
  if (bytes < min || bytes > max) return { problem: `the secret has ${bytes} bytes; ${receiver.title} takes ${min} to ${max}.` };
  return { key };
}
