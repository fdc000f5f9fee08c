import type { SqlRow } from "../sqlite/index.ts";

/** What one statement carries. */
const largest = { rows: 1_000, bytes: 4 * 1024 * 1024 };

/** Gathers rows to batches, so that a million of them need not be in memory. */
export function* batchesOf(rows: Iterable<SqlRow>): Generator<readonly SqlRow[]> {
  let batch: SqlRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = sizeOf(row);
    if (batch.length > 0 && (batch.length === largest.rows || bytes + size > largest.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function sizeOf(row: SqlRow): number {
  return Object.values(row).reduce<number>((sum, value) => sum + lengthOf(value), 0);
}

function lengthOf(value: SqlRow[string]): number {
  if (value instanceof Uint8Array) return value.byteLength;
  return typeof value === "string" ? value.length : 8;
}
