import { type RawBuilder, sql } from "kysely";
import type { SqlGuard, SqlValue } from "../../sqlite/index.ts";
import { recordColumns } from "./recording.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { compile, type Values } from "./statement.ts";

const { queries, now, setting } = sqliteDialect;
const delivery = setting<string>("delivery", "text");

/** The delivery is held under the claim. */
export const isHeld = sql<boolean>`exists ${queries
  .selectFrom("claims")
  .where("delivery", "=", delivery)
  .where("claim", "=", setting<string>("claim", "text"))
  .select("delivery")}`;

const isClaimed = sql<boolean>`exists ${queries
  .selectFrom("claims")
  .where("delivery", "=", delivery)
  .where("expires_at", ">", now)
  .select("delivery")}`;

/** The delivery is neither done nor claimed. */
export const isFree = sql<boolean>`not ${isClaimed} and not exists ${queries
  .selectFrom("deliveries")
  .where("delivery", "=", delivery)
  .where("expires_at", ">", now)
  .select("delivery")}`;

/** Records a delivery that is free. */
export function recordingWhatIsFree() {
  return queries
    .insertInto("deliveries")
    .columns(["delivery", "body_checksum", "expires_at"])
    .expression(
      queries
        .selectFrom(sqliteDialect.given(recordColumns, "durable").as("given"))
        .where(sql<boolean>`not ${isClaimed}`)
        .select((eb) => ["given.delivery", "given.body_checksum", sql<number>`${now} + ${eb.ref("given.retention_ms")}`.as("expires_at")]),
    )
    .onConflict((conflict) =>
      conflict
        .column("delivery")
        .doUpdateSet((eb) => ({ body_checksum: eb.ref("excluded.body_checksum"), expires_at: eb.ref("excluded.expires_at") }))
        .where("deliveries.expires_at", "<=", now),
    );
}

/** Forgets a claim on the delivery that has run out, so that nothing more is done under it. */
export function forgettingOldClaim() {
  return queries.deleteFrom("claims").where("delivery", "=", delivery).where("expires_at", "<=", now);
}

/** A condition for statements that are not of this query layer. */
export function guardOf(condition: RawBuilder<boolean>): (settings: Values) => SqlGuard {
  const { sql: text, bind } = compile({ compile: () => condition.compile(queries) }, "none");
  return (settings) => ({ sql: text, params: bind({ given: [], settings }) as readonly SqlValue[] });
}
