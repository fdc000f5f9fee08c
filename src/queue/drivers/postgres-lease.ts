import type { LeaseRef } from "../queue.ts";

/** What a lease says: the row, the hold, and the number of the ordering key, if there is one. */
export interface Lease {
  readonly seq: string;
  readonly hold: string;
  readonly orderingKey: string | undefined;
}

const pattern = /^(\d{1,18})\.(\d{1,9})(?:\.(-?\d{1,19}))?$/;

/** Reads a lease; undefined where it is none of ours. */
export function readLease({ lease }: LeaseRef): Lease | undefined {
  const [, seq, hold, orderingKey] = pattern.exec(lease) ?? [];
  return seq === undefined || hold === undefined ? undefined : { seq, hold, orderingKey };
}

/** Writes the lease of a job that has just been claimed. */
export function writeLease({ seq, hold, orderingKey }: Lease): string {
  return orderingKey === undefined ? `${seq}.${hold}` : `${seq}.${hold}.${orderingKey}`;
}

/** Splits leases into those that may be held and those that are none. */
export function readLeases<Ref extends LeaseRef>(refs: readonly Ref[]): readonly (Lease & { readonly ref: Ref })[] {
  return refs.flatMap((ref) => {
    const lease = readLease(ref);
    return lease ? [{ ...lease, ref }] : [];
  });
}

/** Those that are not among the holds that a statement found, each written as row and hold. */
export function lostLeases<Ref extends LeaseRef>(refs: readonly Ref[], found: ReadonlySet<string>): readonly Ref[] {
  return refs.filter((ref) => {
    const lease = readLease(ref);
    return !lease || !found.has(`${lease.seq}.${lease.hold}`);
  });
}

/** The holds that a statement answers as an array of text. */
export function readHolds(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** SQL for a number that tells a hold from every other of its job. A crash of the server may undo a hold, so it is not a count. */
export const newHoldSql = "floor(random() * 1000000000)::integer";
