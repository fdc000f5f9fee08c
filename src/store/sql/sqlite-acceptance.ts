import { type DatabaseTime, insertJobStatements, type SqlStatement, type TimedDatabase, thisProcess } from "../../sqlite/index.ts";
import { type AcceptCall, type AcceptGroup, acceptedRow } from "./acceptance.ts";
import { claiming } from "./claiming.ts";
import type { Deliveries } from "./deliveries.ts";
import type { DeliveryStatements } from "./delivery-statements.ts";
import { jobValues } from "./jobs.ts";
import { storingInOutbox } from "./outbox.ts";
import type { Step } from "./port.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { sqliteStatements } from "./sqlite-port.ts";
import { compile } from "./statement.ts";

/** What accepting needs of SQLite. */
export interface SqliteAcceptanceOptions {
  readonly timed: TimedDatabase;
  readonly deliveries: Deliveries;
  readonly statements: DeliveryStatements;
}

/**
 * Accepts in SQLite. All the statements of a call are sent at once, so what they depend on is in their text: the first makes sure that the
 * claim is ours, if it may be, and jobs and record are stored only if it is.
 */
export function sqliteAcceptance({ timed, deliveries, statements }: SqliteAcceptanceOptions): AcceptGroup {
  const own = {
    seize: compile(claiming(sqliteDialect, "durable", { evenOwn: true }), "rows"),
    store: compile(storingInOutbox(sqliteDialect, { claimed: false }), "none"),
    storeIfClaimed: compile(storingInOutbox(sqliteDialect, { claimed: true }), "none"),
  };

  function steps(call: AcceptCall): { readonly before: readonly Step[]; readonly after: readonly Step[] } {
    if (call.delivery === undefined) return { before: [], after: [] };
    const given = [acceptedRow(call, thisProcess)];
    const seizing = [{ ...acceptedRow(call, thisProcess), lease_ms: call.acceptance.leaseMs }];
    const recording = statements.complete.map((statement): Step => ({ statement, given }));
    return { before: [{ statement: own.seize, given: seizing }], after: [...recording, ...deliveries.sweepAfter(1)] };
  }

  function storing({ acceptance, delivery, claim }: AcceptCall): readonly Step[] {
    const given = acceptance.jobs.map((job) => ({ ...jobValues(job), lease_ms: acceptance.leaseMs }));
    return delivery === undefined
      ? [{ statement: own.store, given }]
      : [{ statement: own.storeIfClaimed, given, settings: { delivery, claim } }];
  }

  async function accept(call: AcceptCall): Promise<boolean> {
    const isForQueue = call.acceptance.to === "queue";
    const results = await timed.use((time) => {
      const settings = { now: time.now() };
      const asStatements = (list: readonly Step[]) => list.flatMap((step) => sqliteStatements(step, settings));
      const { before, after } = steps(call);
      const jobs = isForQueue ? queueStatements(call, time) : asStatements(storing(call));
      return timed.database.execute({ statements: [...asStatements(before), ...jobs, ...asStatements(after)], durable: true });
    });
    const isAccepted = call.delivery === undefined || (results[0]?.rows.length ?? 0) > 0;
    if (isAccepted && isForQueue && call.acceptance.jobs.length > 0) timed.database.announceJobs();
    return isAccepted;
  }

  return (calls) => Promise.all(calls.map(accept));
}

function queueStatements({ acceptance, delivery, claim }: AcceptCall, time: DatabaseTime): readonly SqlStatement[] {
  const guard = delivery === undefined ? {} : { guard: { sql: isOursSql, params: [delivery, claim] } };
  return acceptance.jobs.flatMap((job) => insertJobStatements(job, { dueAt: job.dueAt ? time.toFile(job.dueAt) : time.now(), ...guard }));
}

const isOursSql = "EXISTS (SELECT 1 FROM claims WHERE delivery = ? AND claim = ?)";
