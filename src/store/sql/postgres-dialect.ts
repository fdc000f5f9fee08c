import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type RawBuilder, sql } from "kysely";
import { binaryArray } from "../../postgres/binary-array.ts";
import { durablySql } from "../../postgres/index.ts";
import type { Commit, Dialect, GivenColumns, Kind } from "./dialect.ts";
import { parameter, type Value, type Values } from "./statement.ts";
import type { Tables } from "./tables.ts";

/** PostgreSQL, with the tables in a schema, which is given as a quoted identifier: any number of writers, all given rows in one statement, and the server's own time. */
export function postgresDialect(schema: string): Dialect {
  return {
    queries: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (queries) => new PostgresIntrospector(queries),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }).withSchema(unquoted(schema)),
    // A subquery is computed once a statement, so that an index can be searched by it.
    now: sql`(select cast(extract(epoch from clock_timestamp()) * 1000 as bigint))`,
    isConcurrent: true,
    given: givenRows,
    among: (columns, commit) => {
      const names = Object.keys(columns).map((name) => sql.ref(name));
      return sql<boolean>`(${sql.join(names)}) in ${givenRows(columns, commit)}`;
    },
    setting: <T extends Value>(name: string, kind: Kind) =>
      sql<T>`cast(${parameter(({ settings }) => settings[name] ?? null)} as ${sql.raw(typeNames[kind])})`,
  };
}

const collations = { text: sql.raw(' collate "C"'), integer: sql.raw(""), bytes: sql.raw("") };
const typeNames = { text: "text", integer: "bigint", bytes: "bytea" } as const;

/**
 * Each column is an array; taken apart in the list of what is selected, so that the server does not first copy them to another place.
 * Text is ordered as in the tables and in JavaScript, whatever the database's language, so that everyone takes rows in one order.
 */
function givenRows<Columns extends GivenColumns>(columns: Columns, commit: Commit): RawBuilder<never> {
  const values = Object.entries(columns).map(([name, kind]) => sql`unnest(${column(name, kind)})${collations[kind]} as ${sql.ref(name)}`);
  return sql`(select ${sql.join(values)}${conditions[commit]})`;
}

/**
 * Says how the transaction commits, as part of the statement: a command of its own would cost another trip. Durable is what the server's
 * settings make of it, except that it is not off.
 */
const conditions = {
  durable: sql.raw(` where (select ${durablySql}) is not null`),
  quick: sql.raw(" where (select set_config('synchronous_commit', 'off', true)) is not null"),
  none: sql.raw(""),
};

function column(name: string, kind: Kind): RawBuilder<unknown> {
  const value = parameter(({ given }) => (kind === "bytes" ? byteArray(given, name) : given.map((row) => row[name] ?? null)));
  return sql`cast(${value} as ${sql.raw(`${typeNames[kind]}[]`)})`;
}

function byteArray(given: readonly Values[], name: string): Uint8Array {
  const values = given.map(({ [name]: value }) => (value instanceof Uint8Array ? value : new Uint8Array()));
  return binaryArray("bytea", values);
}

/** The name behind a quoted identifier; the query layer quotes for itself. */
function unquoted(identifier: string): string {
  return identifier.slice(1, -1).replaceAll('""', '"');
}
