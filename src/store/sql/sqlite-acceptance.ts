import {
  type DatabaseTime,
  insertJobStatements,
  type SqlGuard,
  type SqlStatement,
  type TimedDatabase,
  thisProcess,
} from "../../sqlite/index.ts";
import { type AcceptCall, type AcceptGroup, acceptedRow } from "./acceptance.ts";
import type { Deliveries } from "./deliveries.ts";
import type { DeliveryStatements } from "./delivery-statements.ts";
import { jobValues } from "./jobs.ts";
import { storingInOutbox } from "./outbox.ts";
import type { Step } from "./port.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { forgettingOldClaim, guardOf, isFree, isHeld, recordingWhatIsFree } from "./sqlite-guards.ts";
import { sqliteStatements } from "./sqlite-port.ts";
import { compile, type Statement, type Values } from "./statement.ts";

/** What accepting needs of SQLite. */
export interface SqliteAcceptanceOptions {
  readonly timed: TimedDatabase;
  readonly deliveries: Deliveries;
  readonly statements: DeliveryStatements;
}

/** How a delivery of one kind is accepted. */
interface Way {
  /** Stores a job in the outbox, if the delivery may be accepted. */
  readonly store: Statement;
  /** The same condition, for statements of the queue. */
  readonly guard?: (settings: Values) => SqlGuard;
  /** Records the delivery, on the same condition; one of them says by its changes whether that was met. */
  readonly record: readonly Statement[];
  readonly decisive: number;
}

/**
 * Accepts in SQLite. All the statements of a call are sent at once, so that what they depend on is in their text. The record comes last:
 * until then the condition is the same for all.
 */
export function sqliteAcceptance({ timed, deliveries, statements }: SqliteAcceptanceOptions): AcceptGroup {
  const ways = waysOfAccepting(statements);

  async function accept(call: AcceptCall): Promise<boolean> {
    const { acceptance, delivery } = call;
    const way = delivery === undefined ? ways.unknown : call.isClaimed ? ways.held : ways.free;
    const { results, decisive } = await timed.use(async (time) => {
      const settings = { now: time.now(), delivery: delivery ?? null, claim: call.claim };
      const jobs =
        acceptance.to === "queue" ? queueStatements(call, way.guard?.(settings), time) : outboxStatements(call, way.store, settings);
      const records = recordSteps(call, way).flatMap((step) => sqliteStatements(step, settings));
      return {
        results: await timed.database.execute({ statements: [...jobs, ...records], durable: true }),
        decisive: jobs.length + way.decisive,
      };
    });
    const isAccepted = delivery === undefined || results[decisive]?.changes === 1;
    if (isAccepted && acceptance.to === "queue" && acceptance.jobs.length > 0) timed.database.announceJobs();
    return isAccepted;
  }

  function recordSteps(call: AcceptCall, { record }: Way): readonly Step[] {
    if (call.delivery === undefined) return [];
    const given = [acceptedRow(call, thisProcess)];
    return [...record.map((statement) => ({ statement, given })), ...deliveries.sweepAfter(1)];
  }

  return (calls) => Promise.all(calls.map(accept));
}

function waysOfAccepting({ complete }: DeliveryStatements): { readonly held: Way; readonly free: Way; readonly unknown: Way } {
  const store = (guard?: typeof isHeld) => compile(storingInOutbox(sqliteDialect, guard), "none");
  const [record, release] = complete;
  if (!record || !release) throw new TypeError("A completion in SQLite records and releases.");
  const free = [compile(recordingWhatIsFree(), "changes"), compile(forgettingOldClaim(), "none")];
  return {
    held: { store: store(isHeld), guard: guardOf(isHeld), record: [record, { ...release, get: "changes" }], decisive: 1 },
    free: { store: store(isFree), guard: guardOf(isFree), record: free, decisive: 0 },
    unknown: { store: store(), record: [], decisive: 0 },
  };
}

function queueStatements({ acceptance }: AcceptCall, guard: SqlGuard | undefined, time: DatabaseTime): readonly SqlStatement[] {
  const now = time.now();
  return acceptance.jobs.flatMap((job) =>
    insertJobStatements(job, { dueAt: job.dueAt ? time.toFile(job.dueAt) : now, ...(guard ? { guard } : {}) }),
  );
}

function outboxStatements({ acceptance }: AcceptCall, statement: Statement, settings: Values): readonly SqlStatement[] {
  const given = acceptance.jobs.map((job) => ({ ...jobValues(job), lease_ms: acceptance.leaseMs }));
  return sqliteStatements({ statement, given }, settings);
}
