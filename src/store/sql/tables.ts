import type { Generated } from "kysely";

/** What a job is, in the tables that keep whole jobs. Text is kept as `toColumn` writes it. */
interface JobColumns {
  /** Counts up in the order in which rows were stored. */
  readonly seq: Generated<number>;
  readonly id: string;
  readonly handler: string;
  readonly head: string;
  readonly body: Uint8Array;
  /** As the sender's clock has it, in Unix milliseconds: it is handed on, and never compared here. */
  readonly due_at: number | null;
  readonly job_group: string;
  readonly ordering_key: string | null;
  readonly after_dead: string | null;
}

/** The tables of the store, alike in every dialect. Times are milliseconds of the database's clock unless said otherwise. */
export interface Tables {
  /** Who handles a delivery at the moment. */
  readonly claims: { readonly delivery: string; readonly claim: string; readonly owner: string; readonly expires_at: number };
  /** What has been handled. */
  readonly deliveries: { readonly delivery: string; readonly body_checksum: number; readonly expires_at: number };
  /** Jobs on their way to a queue elsewhere. */
  readonly outbox: JobColumns & { readonly taken_until: number };
  /** `kept_until` is a time of `body_time`; null where no term has been set yet. */
  readonly bodies: { readonly id: string; readonly body: Uint8Array; readonly kept_until: number | null };
  /** One row: the time that has been counted, and when that was last done. */
  readonly body_time: { readonly counted_ms: number; readonly seen_at: number };
  readonly dead_letters: JobColumns & { readonly attempts: number; readonly reason: string; readonly dead_at: number };
}
