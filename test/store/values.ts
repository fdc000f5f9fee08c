import type { NewJob } from "../../src/job.ts";
import type { Acceptance, DeadLetter, DeliveryKey } from "../../src/store/store.ts";

/** A key with defaults for what a test does not care about. */
export function deliveryKey(members: Partial<DeliveryKey> = {}): DeliveryKey {
  return { receiver: "github", id: "default", deliveryId: "d-1", bodyChecksum: 4_294_967_295, ...members };
}

/** A job, likewise. */
export function newJob(id: string, members: Partial<NewJob> = {}): NewJob {
  return { id, handler: "Work", head: "{}", body: Buffer.from(id), ...members };
}

/** A dead letter, likewise. */
export function deadLetter(id: string, members: Partial<DeadLetter> = {}): DeadLetter {
  return { ...newJob(id), attempts: 3, reason: "it failed", deadAt: new Date("2026-02-03T04:05:06.789Z"), ...members };
}

/** An acceptance, likewise. */
export function acceptance(members: Partial<Acceptance> = {}): Acceptance {
  return { key: deliveryKey(), claim: undefined, retentionMs: 3_600_000, leaseMs: 3_600_000, jobs: [], to: "outbox", ...members };
}

/** Texts and bytes that databases and drivers have been seen to change. */
export const oddText = "é\u0000\u{1f600}\"'\\{}\u0010\ud800 %$1?";
export const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

/** All 256 bytes, over and over. */
export function anyBytes(length: number): Uint8Array {
  return Buffer.alloc(length, everyByte);
}

/** Ids of whatever has one. */
export function ids(items: readonly { readonly id: string }[]): readonly string[] {
  return items.map(({ id }) => id);
}
