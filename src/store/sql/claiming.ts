import { sql } from "kysely";
import type { Dialect } from "./dialect.ts";

/** Columns of a claim to be made. */
const claimColumns = { delivery: "text", claim: "text", owner: "text", lease_ms: "integer" } as const;

/** Claims what is neither done nor claimed, or claimed with a claim that has run out. */
export function claiming(dialect: Dialect) {
  const { queries, now } = dialect;
  const free = queries
    .selectFrom(dialect.given(claimColumns, "quick").as("given"))
    .where((eb) => eb.not(eb.exists(isDone(dialect).whereRef("deliveries.delivery", "=", sql.ref("given.delivery")))))
    .select((eb) => ["given.delivery", "given.claim", "given.owner", sql<number>`${now} + ${eb.ref("given.lease_ms")}`.as("expires_at")])
    .$if(dialect.isConcurrent, (query) => query.orderBy("given.delivery"));
  return queries
    .insertInto("claims")
    .columns(["delivery", "claim", "owner", "expires_at"])
    .expression(free)
    .onConflict((conflict) =>
      conflict
        .column("delivery")
        .doUpdateSet((eb) => ({
          claim: eb.ref("excluded.claim"),
          owner: eb.ref("excluded.owner"),
          expires_at: eb.ref("excluded.expires_at"),
        }))
        .where("claims.expires_at", "<=", now),
    )
    .$if(dialect.isConcurrent, (query) => query.returning("claims.delivery"));
}

/** Deliveries that are done and not forgotten. */
export function isDone({ queries, now }: Dialect) {
  return queries.selectFrom("deliveries").where("deliveries.expires_at", ">", now).select("deliveries.delivery");
}
