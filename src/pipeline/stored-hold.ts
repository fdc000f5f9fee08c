import type { LeaseRef } from "../queue/queue.ts";

/** A hold on a job, as the key of a map. A lease tells holds on one job apart, and need not tell jobs apart. */
export function holdOf({ id, lease }: LeaseRef): string {
  return JSON.stringify([id, lease]);
}
