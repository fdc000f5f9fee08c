import type { DatabaseTime, SqlResult, SqlRow, SqlValue } from "../../sqlite/index.ts";
import type { LeasedJob, LeaseRef, StoredJob } from "../queue.ts";

/** A lease names the row and the hold; both are numbers, so that ids need not travel through JSON. */
export function leaseKey({ lease }: LeaseRef): readonly number[] {
  const [seq, hold] = lease.split(".");
  return [Number(seq), Number(hold)];
}

/** Whether a statement that answers the rows that it found under a lease found this one. */
export function isHeld(lease: LeaseRef, found: SqlResult | undefined): boolean {
  const [seq, hold] = leaseKey(lease);
  return found?.rows.some((row) => row.seq === seq && row.lease === hold) ?? false;
}

/** A job that was read just before it was leased, hence the additions. */
export function readLeasedJob(row: SqlRow): LeasedJob {
  return {
    id: readText(row.id),
    handler: String(row.handler),
    head: readText(row.head),
    body: readBytes(row.body),
    group: String(row.group_name),
    attempt: Number(row.attempts) + 1,
    crashes: Number(row.crashes) + Number(row.held),
    lease: `${row.seq}.${Number(row.lease) + 1}`,
  };
}

/** A job as an operator sees it. */
export function readStoredJob(row: SqlRow, time: DatabaseTime): StoredJob {
  return {
    id: readText(row.id),
    handler: String(row.handler),
    head: readText(row.head),
    body: readBytes(row.body),
    group: String(row.group_name),
    attempts: Number(row.attempts),
    dueAt: time.toDate(Number(row.due_at)),
    ...(typeof row.reason === "string" ? { reason: row.reason } : {}),
    ...(typeof row.dead_at === "number" ? { deadAt: time.toDate(row.dead_at) } : {}),
  };
}

/** Text is read as bytes, because Node 22 cuts a string column off at its first NUL. */
function readText(value: SqlValue | undefined): string {
  return Buffer.from(readBytes(value)).toString();
}

function readBytes(value: SqlValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
