import type { Clock } from "../clock.ts";
import { OpenCalls } from "../open-calls.ts";
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
 * process since the machine's start found it; after the next start it is taken anew. But the time of a file never goes back: if the
 * wall was ahead at an earlier start, or is behind at this one, what has long been due would seem to lie in the future. Where the clock
 * does not count steadily, the time is the wall's.
 */
export function databaseTime(database: SqliteDatabase, clock: Clock): TimedDatabase {
  return new TimedHold(database, clock);
}

class TimedHold implements TimedDatabase {
  readonly database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #calls: OpenCalls;
  #time: DatabaseTime | undefined;
  #offsetMs: number | undefined;
  /** When the file was last told what time it is there, as the steady count has it. */
  #toldAt = Number.NEGATIVE_INFINITY;
  #fixing: Promise<DatabaseTime> | undefined;

  constructor(database: SqliteDatabase, clock: Clock) {
    this.database = database;
    this.#clock = clock;
    this.#calls = new OpenCalls(`The database ${database.location}`);
    if (!clock.steady) this.#time = timeFrom(clock, 0);
  }

  use<T>(work: (time: DatabaseTime) => Promise<T>): Promise<T> {
    return this.#calls.run(() => (this.#time && !this.#isToTell() ? work(this.#time) : this.#fix().then(work)));
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.database.close());
  }

  #isToTell(): boolean {
    const { steady } = this.#clock;
    return steady !== undefined && steady.elapsedMs() - this.#toldAt >= tellMs;
  }

  #fix(): Promise<DatabaseTime> {
    this.#fixing ??= this.#readBase().finally(() => {
      this.#fixing = undefined; // a failure is tried again
    });
    return this.#fixing;
  }

  async #readBase(): Promise<DatabaseTime> {
    const { steady } = this.#clock;
    const elapsedMs = Math.round(steady?.elapsedMs() ?? 0);
    const offsetMs = this.#offsetMs ?? this.#clock.now().getTime() - elapsedMs;
    const results = steady ? await this.database.execute(fixCommand({ origin: steady.origin, elapsedMs, offsetMs })) : [];
    this.#offsetMs = readOffset(results);
    this.#toldAt = elapsedMs;
    this.#time = timeFrom(this.#clock, this.#offsetMs);
    return this.#time;
  }
}

/** How often the file is told what time it is there, while it is used. */
const tellMs = 60_000;

function timeFrom(clock: Clock, offsetMs: number): DatabaseTime {
  const wall = (): number => clock.now().getTime();
  const now = (): number => Math.round(clock.steady ? clock.steady.elapsedMs() + offsetMs : wall());
  return {
    now,
    toFile: (date) => date.getTime() - wall() + now(),
    toDate: (fileMs) => new Date(fileMs - now() + wall()),
  };
}

interface Base {
  readonly origin: string;
  readonly elapsedMs: number;
  /** What the offset is unless the file has one. */
  readonly offsetMs: number;
}

/** Among the origins, what is none: its offset is the latest time of the file that was told to it. */
const lastTime = "last time";

/** Keeps the offset of the first process of this origin, and forgets other origins: the machine has been started anew. */
function fixCommand({ origin, elapsedMs, offsetMs }: Base): SqlCommand {
  return {
    statements: [
      { sql: "DELETE FROM time_bases WHERE origin NOT IN (?, ?)", params: [origin, lastTime], get: "none" },
      { sql: insertBaseSql, params: [origin, offsetMs, lastTime, elapsedMs, offsetMs], get: "none" },
      { sql: tellTimeSql, params: [lastTime, elapsedMs, origin], get: "none" },
      { sql: "SELECT offset_ms FROM time_bases WHERE origin = ?", params: [origin], get: "rows" },
    ],
    durable: false,
  };
}

const insertBaseSql = `
  INSERT INTO time_bases (origin, offset_ms)
  SELECT ?, max(?, coalesce((SELECT offset_ms FROM time_bases WHERE origin = ?) - ?, ?)) WHERE TRUE
  ON CONFLICT DO NOTHING`;
const tellTimeSql = `
  INSERT INTO time_bases (origin, offset_ms)
  SELECT ?, offset_ms + ? FROM time_bases WHERE origin = ?
  ON CONFLICT (origin) DO UPDATE SET offset_ms = max(offset_ms, excluded.offset_ms)`;

function readOffset(results: readonly SqlResult[]): number {
  return Number(results.at(-1)?.rows[0]?.offset_ms ?? 0);
}
