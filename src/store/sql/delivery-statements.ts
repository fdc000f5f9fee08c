import { sql } from "kysely";
import { claiming } from "./claiming.ts";
import type { Dialect } from "./dialect.ts";
import { recordingAfterwards, recordingWhatIsHeld } from "./recording.ts";
import { compile, type Statement } from "./statement.ts";

/** The statements over claims and deliveries. */
export interface DeliveryStatements {
  /** Claims what is neither done nor claimed; answers `delivery` of those. */
  readonly claim: Statement;
  /** Answers `delivery` and `body_checksum` of those that are done. */
  readonly readDone: Statement;
  /** Record as done what is held under the claim, and forget that: in this order, in one transaction. */
  readonly complete: readonly Statement[];
  readonly release: Statement;
  /** Forgets some deliveries whose retention is over, at most `limit`. */
  readonly sweepDeliveries: Statement;
  /** Forgets claims that ran out `abandoned_ms` ago. */
  readonly sweepClaims: Statement;
}

/** Compiles them for a dialect. */
export function deliveryStatements(dialect: Dialect): DeliveryStatements {
  return {
    claim: compile(claiming(dialect), "touched"),
    readDone: compile(readingDone(dialect), "rows"),
    complete: dialect.isConcurrent
      ? [compile(recordingWhatIsHeld(dialect, "quick"), "none")]
      : [compile(recordingAfterwards(dialect), "none"), compile(releasing(dialect), "none")],
    release: compile(releasing(dialect), "none"),
    sweepDeliveries: compile(sweepingDeliveries(dialect), "none"),
    sweepClaims: compile(sweepingClaims(dialect), "none"),
  };
}

function readingDone({ queries, given, now }: Dialect) {
  return queries
    .selectFrom(given({ delivery: "text" }, "none").as("given"))
    .innerJoin("deliveries", "deliveries.delivery", "given.delivery")
    .where("deliveries.expires_at", ">", now)
    .select(["deliveries.delivery", "deliveries.body_checksum"]);
}

function releasing({ queries, among }: Dialect) {
  return queries.deleteFrom("claims").where(among({ delivery: "text", claim: "text" }, "quick"));
}

function sweepingDeliveries(dialect: Dialect) {
  const { queries, now } = dialect;
  return queries.deleteFrom("deliveries").where("delivery", "in", (eb) =>
    eb
      .selectFrom("deliveries")
      .where("expires_at", "<=", now)
      .orderBy("expires_at")
      .limit(dialect.setting<number>("limit", "integer"))
      .select("delivery")
      .$if(dialect.isConcurrent, (query) => query.forUpdate().skipLocked()),
  );
}

function sweepingClaims({ queries, now, setting }: Dialect) {
  return queries.deleteFrom("claims").where("expires_at", "<=", sql<number>`${now} - ${setting<number>("abandoned_ms", "integer")}`);
}
