import type { Clock, SteadyTime } from "../clock.ts";
import { ConfigurationError } from "../errors.ts";
import type { SqlCommand, SqlResult } from "./command.ts";
import type { SqliteDatabase } from "./database.ts";

/**
 * Time as the rows of a database have it: Unix milliseconds of a clock that nobody can set. All processes of the machine agree
 * on it, whatever is done to the clock on the wall; `Date`s of callers are of that clock, and are converted by what lies between them and now.
 */
export interface DatabaseTime {
  now(): number;
  toFile(date: Date): number;
  toDate(fileMs: number): Date;
}

/** A hold on a database, and its time. The queue and the store use it in place of the hold. */
export interface TimedDatabase {
  readonly database: SqliteDatabase;
  /**
   * Does work that needs the time. The first call reads the time base from the file, the later ones begin at once.
   *
   * @throws ConfigurationError `closed`, and whatever {@link SqliteDatabase.execute} throws.
   */
  use<T>(work: (time: DatabaseTime) => Promise<T>): Promise<T>;
  /** Lets go once all work is done. */
  close(): Promise<void>;
}

/**
 * Adds the time to a hold. Where the clock counts steadily, the file keeps what lies between that count and the wall, as the first
 * process since the machine's start found it; after the next start it is taken anew. Where it does not, the time is the wall's.
 */
export function databaseTime(database: SqliteDatabase, clock: Clock): TimedDatabase {
  return new TimedHold(database, clock);
}

class TimedHold implements TimedDatabase {
  readonly database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #running = new Set<Promise<unknown>>();
  #time: DatabaseTime | undefined;
  #fixing: Promise<DatabaseTime> | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.database = database;
    this.#clock = clock;
    if (!clock.steady) this.#time = timeFrom(clock, 0);
  }

  async use<T>(work: (time: DatabaseTime) => Promise<T>): Promise<T> {
    if (this.#closing) throw new ConfigurationError("closed", `The database ${this.database.location} has been closed.`);
    const running = this.#time ? work(this.#time) : this.#fix().then(work);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#letGo();
    return this.#closing;
  }

  async #letGo(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.database.close();
  }

  #fix(): Promise<DatabaseTime> {
    this.#fixing ??= this.#readBase().finally(() => {
      this.#fixing = undefined; // a failure is tried again
    });
    return this.#fixing;
  }

  async #readBase(): Promise<DatabaseTime> {
    const { steady } = this.#clock;
    const results = steady ? await this.database.execute(fixCommand(steady, this.#clock.now())) : [];
    this.#time = timeFrom(this.#clock, readOffset(results));
    return this.#time;
  }
}

function timeFrom(clock: Clock, offsetMs: number): DatabaseTime {
  const wall = (): number => clock.now().getTime();
  const now = (): number => Math.round(clock.steady ? clock.steady.elapsedMs() + offsetMs : wall());
  return {
    now,
    toFile: (date) => date.getTime() - wall() + now(),
    toDate: (fileMs) => new Date(fileMs - now() + wall()),
  };
}

/** Keeps the offset of the first process of this origin, and forgets other origins: the machine has been started anew. */
function fixCommand({ origin, elapsedMs }: SteadyTime, now: Date): SqlCommand {
  const offsetMs = Math.round(now.getTime() - elapsedMs());
  return {
    statements: [
      { sql: "DELETE FROM time_bases WHERE origin <> ?", params: [origin], get: "none" },
      { sql: "INSERT INTO time_bases (origin, offset_ms) VALUES (?, ?) ON CONFLICT DO NOTHING", params: [origin, offsetMs], get: "none" },
      { sql: "SELECT offset_ms FROM time_bases WHERE origin = ?", params: [origin], get: "rows" },
    ],
    durable: false,
  };
}

function readOffset(results: readonly SqlResult[]): number {
  return Number(results.at(-1)?.rows[0]?.offset_ms ?? 0);
}
