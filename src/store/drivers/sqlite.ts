import { type Clock, systemClock } from "../../clock.ts";
import { type DatabaseOptions, databaseTime, openDatabase, type SqliteDatabase, thisProcess } from "../../sqlite/index.ts";
import { Deliveries } from "../sql/deliveries.ts";
import { deliveryStatements } from "../sql/delivery-statements.ts";
import { sqliteAcceptance } from "../sql/sqlite-acceptance.ts";
import { releaseForTheDead } from "../sql/sqlite-dead-owners.ts";
import { sqliteDialect } from "../sql/sqlite-dialect.ts";
import { sqlitePort } from "../sql/sqlite-port.ts";
import { sqlStore } from "../sql/store.ts";
import type { Store } from "../store.ts";

/** A file, or a database that is already open and stays open when the store is closed. */
export interface SqliteStoreOptions extends DatabaseOptions {
  readonly database?: SqliteDatabase;
  readonly clock?: Clock;
}

/**
 * The embedded store: facts in a SQLite file on a local disk, for any number of processes of one machine. Claims and completions
 * do not wait for the disk: a power cut may undo the last of them, and then a delivery runs again. All else does.
 *
 * @throws ConfigurationError from every method: `closed`, `database_newer`, or `invalid_options` where the file cannot be used.
 * @throws ApplicationError `store_unavailable` from every method where the database failed.
 */
export function sqliteStore({ database, clock = systemClock, ...options }: SqliteStoreOptions = {}): Store {
  const hold = database ? database.share() : openDatabase(options);
  const timed = databaseTime(hold, clock);
  const port = sqlitePort(timed);
  const statements = deliveryStatements(sqliteDialect);
  const deliveries = new Deliveries({ port, statements, isConcurrent: sqliteDialect.isConcurrent, owner: thisProcess });
  return sqlStore({
    port,
    dialect: sqliteDialect,
    location: hold.location,
    deliveries,
    accept: sqliteAcceptance({ timed, deliveries, statements }),
    beforeClaims: () => releaseForTheDead(port),
  });
}
