import type { Acceptance } from "../store.ts";

/** A call of `acceptDelivery`. */
export interface AcceptCall {
  readonly acceptance: Acceptance;
  /** What is accepted, as the database has it; undefined where it is not remembered. */
  readonly delivery: string | undefined;
  /** The claim under which it ran, or a new one. */
  readonly claim: string;
  /** Whether it ran under the claim. */
  readonly isClaimed: boolean;
}

/**
 * Commits each delivery of a group with its jobs, all that it has or nothing, so that it survives a power cut; answers which. What a database
 * needs for that differs so much that each has its own.
 */
export type AcceptGroup = (calls: readonly AcceptCall[]) => Promise<readonly boolean[]>;

/** The row of a call among the records. */
export function acceptedRow({ acceptance, delivery, claim }: AcceptCall, owner: string) {
  return { delivery: delivery ?? "", claim, owner, body_checksum: acceptance.key?.bodyChecksum ?? 0, retention_ms: acceptance.retentionMs };
}
