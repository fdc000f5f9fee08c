import { toColumn } from "../../postgres/text.ts";
import type { Bodies } from "../store.ts";
import type { Dialect } from "./dialect.ts";
import { readId } from "./jobs.ts";
import { readBytes, type SqlPort } from "./port.ts";
import { compile } from "./statement.ts";

/** Large bodies in a database. */
export function sqlBodies(port: SqlPort, dialect: Dialect): Bodies {
  const statements = {
    put: compile(putting(dialect), "none"),
    get: compile(getting(dialect), "rows"),
    remove: compile(removing(dialect), "none"),
  };
  return {
    put: async (id, body) => {
      await port.run([{ statement: statements.put, given: [{ id: toColumn(id), body }] }], { durable: true });
    },
    get: async (ids) => {
      const [found] = await port.run([{ statement: statements.get, given: idRows(ids) }], { durable: false });
      return new Map(found?.rows.map((row) => [readId(row), readBytes(row["body"])]));
    },
    remove: async (ids) => {
      await port.run([{ statement: statements.remove, given: idRows(ids) }], { durable: false });
    },
  };
}

/** Ids as given rows: each once, and in an order that is the same for everybody, so that nobody waits in a circle. */
export function idRows(ids: readonly string[]): readonly { readonly id: string }[] {
  return [...new Set(ids)].sort().map((id) => ({ id: toColumn(id) }));
}

function putting({ queries, given }: Dialect) {
  return queries
    .insertInto("bodies")
    .columns(["id", "body"])
    .expression(
      queries
        .selectFrom(given({ id: "text", body: "bytes" }, "durable").as("given"))
        .where("given.id", "is not", null)
        .select(["given.id", "given.body"]),
    )
    .onConflict((conflict) => conflict.column("id").doUpdateSet((eb) => ({ body: eb.ref("excluded.body") })));
}

function getting({ queries, given }: Dialect) {
  return queries
    .selectFrom(given({ id: "text" }, "none").as("given"))
    .innerJoin("bodies", "bodies.id", "given.id")
    .select(["bodies.id", "bodies.body"]);
}

function removing({ queries, among }: Dialect) {
  return queries.deleteFrom("bodies").where(among({ id: "text" }, "quick"));
}
