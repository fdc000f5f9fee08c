import type { Clock } from "../../clock.ts";
import { insertJobs, type PostgresDatabase, type PostgresTransaction, type RunStatement } from "../../postgres/index.ts";
import { type AcceptCall, type AcceptGroup, acceptedRow } from "./acceptance.ts";
import { type Deliveries, readDelivery } from "./deliveries.ts";
import type { Dialect } from "./dialect.ts";
import { jobValues } from "./jobs.ts";
import { storingInOutbox } from "./outbox.ts";
import type { Step } from "./port.ts";
import { despiteConflicts, runSteps } from "./postgres-port.ts";
import { recordingWhatIsFree, recordingWhatIsHeld } from "./recording.ts";
import { compile, type Statement } from "./statement.ts";

/** What accepting needs of PostgreSQL. */
export interface PostgresAcceptanceOptions {
  readonly database: PostgresDatabase;
  readonly dialect: Dialect;
  readonly deliveries: Deliveries;
  readonly owner: string;
  readonly clock: Clock;
}

/** Accepts in PostgreSQL: a group is one transaction, whose jobs are those of the deliveries that it could record. */
export function postgresAcceptance(options: PostgresAcceptanceOptions): AcceptGroup {
  return new PostgresAcceptance(options).accept;
}

class PostgresAcceptance {
  readonly #options: PostgresAcceptanceOptions;
  readonly #statements: { readonly recordHeld: Statement; readonly recordFree: Statement; readonly store: Statement };

  constructor(options: PostgresAcceptanceOptions) {
    this.#options = options;
    this.#statements = {
      recordHeld: compile(recordingWhatIsHeld(options.dialect, "durable"), "rows"),
      recordFree: compile(recordingWhatIsFree(options.dialect), "rows"),
      store: compile(storingInOutbox(options.dialect), "none"),
    };
  }

  readonly accept: AcceptGroup = async (calls) => {
    const accepted = await despiteConflicts(() => this.#store(calls));
    if (accepted.some(({ acceptance: { to, jobs } }) => to === "queue" && jobs.length > 0)) this.#options.database.announceJobs();
    const set = new Set(accepted);
    return calls.map((call) => set.has(call));
  };

  /** Answers those that were stored. */
  async #store(calls: readonly AcceptCall[]): Promise<readonly AcceptCall[]> {
    if (calls.every(({ acceptance, delivery }) => delivery === undefined && acceptance.to === "queue")) {
      const { database } = this.#options;
      await this.#insertJobs((text, values) => database.query(text, values, { prepared: true }), calls);
      return calls;
    }
    return await this.#options.database.transaction(async (client) => {
      const recorded = await this.#record(client, calls);
      const accepted = calls.filter(({ delivery }) => delivery === undefined || recorded.has(delivery));
      await this.#insertJobs((text, values) => client.query(text, values(), { prepared: true }), accepted);
      await runSteps(client, [...this.#outboxSteps(accepted), ...this.#options.deliveries.sweepAfter(recorded.size)]);
      return accepted;
    });
  }

  async #record(client: PostgresTransaction, calls: readonly AcceptCall[]): Promise<ReadonlySet<string>> {
    // Claims are given up in the order in which others take them, or two transactions would wait for each other.
    const keyed = calls.filter(({ delivery }) => delivery !== undefined).sort(byDelivery);
    const rows = (isClaimed: boolean) =>
      keyed.filter((call) => call.isClaimed === isClaimed).map((call) => acceptedRow(call, this.#options.owner));
    const results = await runSteps(client, [
      { statement: this.#statements.recordHeld, given: rows(true) },
      { statement: this.#statements.recordFree, given: rows(false) },
    ]);
    return new Set(results.flatMap(({ rows: recorded }) => recorded.map(readDelivery)));
  }

  async #insertJobs(run: RunStatement, calls: readonly AcceptCall[]): Promise<void> {
    const { database, clock } = this.#options;
    const jobs = calls.filter(({ acceptance }) => acceptance.to === "queue").flatMap(({ acceptance }) => acceptance.jobs);
    await insertJobs(run, jobs, { schema: database.schema, time: database.time, now: () => clock.now(), announce: false });
  }

  #outboxSteps(calls: readonly AcceptCall[]): readonly Step[] {
    const given = calls
      .filter(({ acceptance }) => acceptance.to === "outbox")
      .flatMap(({ acceptance }) => acceptance.jobs.map((job) => ({ ...jobValues(job), lease_ms: acceptance.leaseMs })));
    return [{ statement: this.#statements.store, given }];
  }
}

function byDelivery({ delivery: one = "" }: AcceptCall, { delivery: other = "" }: AcceptCall): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
