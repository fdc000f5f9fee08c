import { randomUUID } from "node:crypto";

/** Opens every head that is not as it was given. Text that begins like this by itself is marked as plain, so that nothing can be mistaken. */
const mark = "\u0001";
const plain = `${mark}p`;
const stored = `${mark}b`;
const keyLength = 36;

/** A head as it was given, and under which key its job's body is in the store, if it is there. */
export interface ReadHead {
  readonly head: string;
  readonly bodyKey?: string;
}

/** The head of a job that carries its body. */
export function plainHead(head: string): string {
  return head.startsWith(mark) ? plain + head : head;
}

/** The head of a job whose body is in the store, and the key. Each time another: two copies of a job must not share what one of them deletes. */
export function storedHead(id: string, head: string): { readonly head: string; readonly bodyKey: string } {
  const key = randomUUID();
  return { head: stored + key + head, bodyKey: bodyKeyOf(id, key) };
}

/** Reads what the two others wrote. */
export function readHead(id: string, head: string): ReadHead {
  if (head.startsWith(plain)) return { head: head.slice(plain.length) };
  if (!head.startsWith(stored)) return { head };
  const key = head.slice(stored.length, stored.length + keyLength);
  return { head: head.slice(stored.length + keyLength), bodyKey: bodyKeyOf(id, key) };
}

/** Begins with the id, for whoever looks into the store. */
function bodyKeyOf(id: string, key: string): string {
  return `${id}/${key}`;
}
