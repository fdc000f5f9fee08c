import { type Expression, type SqlBool, sql } from "kysely";
import type { NewJob } from "../../job.ts";
import type { Outbox } from "../store.ts";
import { idRows } from "./bodies.ts";
import type { Dialect } from "./dialect.ts";
import { groupedIn } from "./grouped.ts";
import { bySequence, jobColumnNames, jobColumns, readJob } from "./jobs.ts";
import type { SqlPort } from "./port.ts";
import { compile } from "./statement.ts";

/** The outbox in a database. */
export function sqlOutbox(port: SqlPort, dialect: Dialect): Outbox {
  const statements = {
    take: compile(taking(dialect), "rows"),
    remove: compile(removing(dialect), "none"),
    count: compile(counting(dialect), "rows"),
  };
  const remove = groupedIn(dialect, {
    run: async (lists: readonly (readonly string[])[]) => {
      await port.run([{ statement: statements.remove, given: idRows(lists.flat()) }], { durable: false });
      return lists.map(() => undefined);
    },
  });
  return {
    take: async ({ limit, leaseMs }): Promise<readonly NewJob[]> => {
      const [taken] = await port.run([{ statement: statements.take, settings: { limit, lease_ms: leaseMs } }], { durable: false });
      return [...(taken?.rows ?? [])].sort(bySequence).map(readJob);
    },
    remove: async (ids) => {
      await remove(ids);
    },
    count: async () => {
      const [counted] = await port.run([{ statement: statements.count }], { durable: false });
      return Number(counted?.rows[0]?.["total"] ?? 0);
    },
  };
}

/** Stores jobs, the accepter's for `lease_ms`, unless one of the id is there or the guard is not met. */
export function storingInOutbox({ queries, given, now }: Dialect, guard: Expression<SqlBool> = sql<boolean>`true`) {
  return queries
    .insertInto("outbox")
    .columns([...jobColumnNames, "taken_until"])
    .expression(
      queries
        .selectFrom(given({ ...jobColumns, lease_ms: "integer" }, "durable").as("given"))
        .where(guard)
        .select((eb) => [
          ...jobColumnNames.map((name) => eb.ref(`given.${name}`).as(name)),
          sql<number>`${now} + ${eb.ref("given.lease_ms")}`.as("taken_until"),
        ]),
    )
    .onConflict((conflict) => conflict.column("id").doNothing());
}

/** Takes what nobody has; of an ordering key only the first that is there, whether somebody has it or not. */
function taking(dialect: Dialect) {
  const { queries, now, setting } = dialect;
  const earlier = queries
    .selectFrom("outbox as earlier")
    .where(beginningOf("earlier.ordering_key"), "=", beginningOf("outbox.ordering_key"))
    .whereRef("earlier.ordering_key", "=", sql.ref("outbox.ordering_key"))
    .whereRef("earlier.seq", "<", sql.ref("outbox.seq"))
    .select("earlier.seq");
  return queries
    .updateTable("outbox")
    .set({ taken_until: sql<number>`${now} + ${setting<number>("lease_ms", "integer")}` })
    .where("seq", "in", (db) =>
      db
        .selectFrom("outbox")
        .where("outbox.taken_until", "<=", now)
        .where((eb) => eb.or([eb("outbox.ordering_key", "is", null), eb.not(eb.exists(earlier))]))
        .orderBy("outbox.seq")
        .limit(setting<number>("limit", "integer"))
        .select("outbox.seq")
        .$if(dialect.isConcurrent, (query) => query.forUpdate().skipLocked()),
    )
    .returning(["outbox.seq", ...jobColumnNames.map((name) => `outbox.${name}` as const)]);
}

/** What the index has of an ordering key. */
function beginningOf(column: string) {
  return sql<string>`substr(${sql.ref(column)}, 1, 64)`;
}

function removing({ queries, among }: Dialect) {
  return queries.deleteFrom("outbox").where(among({ id: "text" }, "quick"));
}

function counting({ queries }: Dialect) {
  return queries.selectFrom("outbox").select((eb) => eb.fn.countAll<number>().as("total"));
}
