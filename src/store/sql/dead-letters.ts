import { sql } from "kysely";
import { toColumn } from "../../postgres/text.ts";
import type { DeadLetter, DeadLetterPage, DeadLetterStore } from "../store.ts";
import { idRows } from "./bodies.ts";
import type { Dialect } from "./dialect.ts";
import { bySequence, jobColumnNames, jobColumns, jobValues, readJob, readText } from "./jobs.ts";
import type { Row, SqlPort } from "./port.ts";
import { compile, type Statement } from "./statement.ts";

interface DeadLetterStatements {
  readonly add: Statement;
  readonly list: Statement;
  readonly count: Statement;
  readonly get: Statement;
  readonly remove: Statement;
  readonly removeAll: Statement;
  readonly forget: Statement;
}

/** Dead letters in a database. */
export function sqlDeadLetters(port: SqlPort, dialect: Dialect): DeadLetterStore {
  const statements = deadLetterStatements(dialect);
  return {
    add: async (letter) => {
      await port.run([{ statement: statements.add, given: [letterValues(letter)] }], { durable: true });
    },
    list: async ({ limit, after }) => {
      const page = { statement: statements.list, settings: { after: Number(after ?? 0), limit: limit === 0 ? 0 : limit + 1 } };
      const [listed, counted] = await port.run([page, { statement: statements.count }], { durable: false });
      return readPage(listed?.rows ?? [], limit, Number(counted?.rows[0]?.["total"] ?? 0));
    },
    get: async (ids) => {
      const [found] = await port.run([{ statement: statements.get, given: idRows(ids) }], { durable: false });
      return [...(found?.rows ?? [])].sort(bySequence).map(readLetter);
    },
    remove: async (ids) => {
      const step = ids === "all" ? { statement: statements.removeAll } : { statement: statements.remove, given: idRows(ids) };
      const [removed] = await port.run([step], { durable: true });
      return removed?.changes ?? 0;
    },
    forget: async (letters) => {
      const given = letters.map(({ id, deadAt }) => ({ id: toColumn(id), dead_at: deadAt.getTime() }));
      await port.run([{ statement: statements.forget, given }], { durable: true });
    },
  };
}

function deadLetterStatements(dialect: Dialect): DeadLetterStatements {
  return {
    add: compile(adding(dialect), "none"),
    list: compile(listing(dialect), "rows"),
    count: compile(
      dialect.queries.selectFrom("dead_letters").select((eb) => eb.fn.countAll<number>().as("total")),
      "rows",
    ),
    get: compile(getting(dialect), "rows"),
    remove: compile(removing(dialect), "changes"),
    forget: compile(forgetting(dialect), "none"),
    removeAll: compile(dialect.queries.deleteFrom("dead_letters"), "changes"),
  };
}

const letterColumns = { ...jobColumns, attempts: "integer", reason: "text", dead_at: "integer" } as const;
const letterColumnNames = [...jobColumnNames, "attempts", "reason", "dead_at"] as const;

/** One that replaces another moves to the end of the list. */
function adding(dialect: Dialect) {
  const { queries, given } = dialect;
  return queries
    .insertInto("dead_letters")
    .columns([...letterColumnNames])
    .expression(
      queries
        .selectFrom(given(letterColumns, "durable").as("given"))
        .where(sql<boolean>`true`)
        .select((eb) => letterColumnNames.map((name) => eb.ref(`given.${name}`).as(name))),
    )
    .onConflict((conflict) =>
      conflict
        .column("id")
        .doUpdateSet((eb) => Object.fromEntries(["seq" as const, ...letterColumnNames].map((name) => [name, eb.ref(`excluded.${name}`)]))),
    );
}

function listing({ queries, setting }: Dialect) {
  return queries
    .selectFrom("dead_letters")
    .where("seq", ">", setting<number>("after", "integer"))
    .orderBy("seq")
    .limit(setting<number>("limit", "integer"))
    .select(["seq", ...letterColumnNames]);
}

function getting({ queries, given }: Dialect) {
  return queries
    .selectFrom(given({ id: "text" }, "none").as("given"))
    .innerJoin("dead_letters", "dead_letters.id", "given.id")
    .select(["dead_letters.seq", ...letterColumnNames.map((name) => `dead_letters.${name}` as const)]);
}

function removing({ queries, among }: Dialect) {
  return queries.deleteFrom("dead_letters").where(among({ id: "text" }, "durable"));
}

function forgetting({ queries, among }: Dialect) {
  return queries.deleteFrom("dead_letters").where(among({ id: "text", dead_at: "integer" }, "durable"));
}

function letterValues(letter: DeadLetter) {
  return { ...jobValues(letter), attempts: letter.attempts, reason: toColumn(letter.reason), dead_at: letter.deadAt.getTime() };
}

function readLetter(row: Row): DeadLetter {
  return {
    ...readJob(row),
    attempts: Number(row["attempts"]),
    reason: readText(row["reason"]),
    deadAt: new Date(Number(row["dead_at"])),
  };
}

/** A page of which one row more than asked for was read, to know whether there is another. */
function readPage(rows: readonly Row[], limit: number, total: number): DeadLetterPage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { letters: page.map(readLetter), total, ...(last && rows.length > limit ? { next: String(last["seq"]) } : {}) };
}
