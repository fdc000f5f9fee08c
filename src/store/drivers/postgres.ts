import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../../clock.ts";
import { openPostgres, type PostgresDatabase, type PostgresOptions } from "../../postgres/index.ts";
import { Deliveries } from "../sql/deliveries.ts";
import { deliveryStatements } from "../sql/delivery-statements.ts";
import { postgresAcceptance } from "../sql/postgres-acceptance.ts";
import { postgresDialect } from "../sql/postgres-dialect.ts";
import { postgresPort } from "../sql/postgres-port.ts";
import { sqlStore } from "../sql/store.ts";
import type { Store } from "../store.ts";

/** A database and a schema, or one that is already open and stays open when the store is closed. */
export type PostgresStoreOptions = (PostgresOptions | { readonly database: PostgresDatabase }) & { readonly clock?: Clock };

/**
 * Facts in a PostgreSQL database, for any number of processes. Claims and completions do not wait for the server's disk: if the server
 * crashes, the last of them may be undone, and then a delivery runs again. All else does. Leases and retention go by the server's clock.
 *
 * @throws ConfigurationError from every method: `closed`, `database_newer`, `package_missing`, or `invalid_options` where the server
 *   lets us not in.
 * @throws ApplicationError `store_unavailable` from every method where the database failed.
 */
export function postgresStore({ clock = systemClock, ...options }: PostgresStoreOptions): Store {
  const database = "database" in options ? options.database.share() : openPostgres(options);
  const dialect = postgresDialect(database.schema);
  const port = postgresPort(database);
  const owner = randomUUID();
  const deliveries = new Deliveries({ port, statements: deliveryStatements(dialect), isConcurrent: dialect.isConcurrent, owner });
  const accept = postgresAcceptance({ database, dialect, deliveries, owner, clock });
  return sqlStore({ port, dialect, location: database.location, deliveries, accept });
}
