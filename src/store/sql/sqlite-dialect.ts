import { DummyDriver, Kysely, type RawBuilder, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import type { Dialect, GivenColumns, Kind } from "./dialect.ts";
import { parameter, type Value } from "./statement.ts";
import type { Tables } from "./tables.ts";

/** SQLite: one writer at a time, a statement run once for each given row, and the time given from outside. */
export const sqliteDialect: Dialect = {
  queries: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (queries) => new SqliteIntrospector(queries),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  now: setting<number>("now"),
  isConcurrent: false,
  given: <Columns extends GivenColumns>(columns: Columns) => {
    const values = Object.entries(columns).map(([name, kind]) => sql`${givenValue(name, kind)} as ${sql.ref(name)}`);
    return sql`(select ${sql.join(values)})`;
  },
  among: (columns) => {
    const conditions = Object.entries(columns).map(([name, kind]) => sql`${sql.ref(name)} = ${givenValue(name, kind)}`);
    return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
  },
  setting: <T extends Value>(name: string) => setting<T>(name),
};

function setting<T extends Value>(name: string): RawBuilder<T> {
  return parameter<T>(({ settings }) => settings[name] ?? null);
}

function givenValue(name: string, kind: Kind): RawBuilder<unknown> {
  const value = parameter(({ given: [row] }) => row?.[name] ?? null);
  // Node 22 binds some empty arrays as NULL.
  return kind === "bytes" ? sql`coalesce(${value}, x'')` : value;
}
