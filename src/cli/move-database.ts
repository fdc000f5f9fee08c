import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../clock.ts";
import { ApplicationError, ConfigurationError } from "../errors.ts";
import { type Import, openImport, type PostgresImport } from "../postgres/import.ts";
import { type ExportedTable, exportedTables, type FileContents, openExport, type SqliteExport } from "../sqlite/export.ts";
import { batchesOf } from "./move-batches.ts";

/** What to move where. */
export interface MoveOptions {
  readonly file: string;
  readonly connectionString: string;
  readonly schema: string;
  readonly clock?: Clock;
  /** Called at every step, while the file may be locked. */
  readonly onStep?: (step: MoveStep) => void;
}

/** Where a move is: the file's rows are listed, some have been copied, all have, the server has committed them, the file is empty. */
export type MoveStep =
  | { readonly name: "listed" | "copied" | "committed" | "deleted" }
  | { readonly name: "copying"; readonly table: ExportedTable; readonly done: number; readonly total: number };

/** How many rows of each table. */
export type MoveCounts = Readonly<Record<ExportedTable, number>>;

/** What a move did. */
export interface MoveResult {
  /** Stored in PostgreSQL. */
  readonly moved: MoveCounts;
  /** Not stored, since PostgreSQL had their ids already; gone from the file as well. */
  readonly alreadyThere: MoveCounts;
  /** In the file still: something writes to it. */
  readonly left: FileContents;
  /** Whether an earlier move, which had been interrupted after its commit, was brought to its end. */
  readonly finishedEarlier: boolean;
}

/** What comes while it runs is moved too, but not for ever. */
const mostRounds = 3;

/**
 * Moves everything. Whenever it is interrupted, running it again with the same file and target completes it: nothing is lost, nothing is
 * there twice.
 *
 * @throws ConfigurationError `database_newer`, `package_missing`, or `invalid_options` where one of the databases cannot be used, or
 * where the file belongs to an unfinished move to another target.
 * @throws ApplicationError `store_unavailable` where one of the databases failed.
 */
export async function moveDatabase({ clock = systemClock, ...options }: MoveOptions): Promise<MoveResult> {
  const target = await openImport(options);
  try {
    const source = await openExport(options.file, clock);
    try {
      return await new Move(source, target, options).run();
    } finally {
      source.rollBack();
      source.close();
    }
  } finally {
    await target.close();
  }
}

class Move {
  readonly #source: SqliteExport;
  readonly #target: PostgresImport;
  readonly #options: Pick<MoveOptions, "file" | "onStep">;
  readonly #moved = noCounts();
  readonly #alreadyThere = noCounts();
  #finishedEarlier = false;

  constructor(source: SqliteExport, target: PostgresImport, options: Pick<MoveOptions, "file" | "onStep">) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  async run(): Promise<MoveResult> {
    let left = await this.#begin();
    for (let round = 0; round < mostRounds && !isEmpty(left); round++) {
      await this.#runRound();
      left = this.#source.contents();
    }
    return { moved: this.#moved, alreadyThere: this.#alreadyThere, left, finishedEarlier: this.#finishedEarlier };
  }

  /** Brings an earlier move to its end. */
  async #begin(): Promise<FileContents> {
    this.#source.lock();
    const id = this.#source.pendingId();
    if (id !== undefined && (await this.#checkedState(id)) === "done") this.#finishEarlier();
    this.#source.commit();
    return this.#source.contents();
  }

  async #runRound(): Promise<void> {
    const id = await this.#list();
    this.#options.onStep?.({ name: "listed" });
    this.#source.lock();
    if (this.#source.pendingId() !== id) throw new ApplicationError("store_unavailable", "Another move of this file is running.");
    if (await this.#copyAll(id)) {
      this.#options.onStep?.({ name: "committed" });
      this.#source.deleteListed();
      this.#source.deleteDeliveries();
      this.#source.forgetList();
      this.#options.onStep?.({ name: "deleted" });
    } else this.#finishEarlier();
    this.#source.commit();
  }

  /** Lists what there is, under the id of an earlier move that brought nothing, if there was one. */
  async #list(): Promise<string> {
    this.#source.lock();
    const pending = this.#source.pendingId();
    const id = pending ?? randomUUID();
    if (pending === undefined) await this.#target.begin(id);
    else if ((await this.#checkedState(pending)) === "done") {
      this.#finishEarlier();
      this.#source.commit();
      return await this.#list();
    }
    this.#source.list(id);
    this.#source.commit();
    return id;
  }

  /** Copies; what surely brought nothing leaves nothing behind, so that another target may be chosen. */
  async #copyAll(id: string): Promise<boolean> {
    let isComplete = false;
    try {
      return await this.#target.run(
        id,
        () => this.#source.now(),
        async (into) => {
          for (const table of exportedTables) await this.#copy(table, into);
          isComplete = true;
          this.#options.onStep?.({ name: "copied" });
        },
      );
    } catch (error) {
      if (!isComplete) await this.#forget(id);
      throw error;
    }
  }

  async #copy(table: ExportedTable, into: Import): Promise<void> {
    const total = this.#source.count(table);
    let done = 0;
    for (const rows of batchesOf(this.#source.rows(table))) {
      const stored = await into.insert(table, rows);
      this.#moved[table] += stored;
      this.#alreadyThere[table] += rows.length - stored;
      done += rows.length;
      this.#options.onStep?.({ name: "copying", table, done, total });
    }
    if (done !== total)
      throw new ApplicationError("store_unavailable", `${table}: ${done} of ${total} rows could be read; nothing was moved.`);
  }

  async #forget(id: string): Promise<void> {
    this.#source.forgetList();
    this.#source.commit();
    await this.#target.forget(id).catch(() => {}); // a row that nobody asks for
  }

  /** Deletes what was committed, and nothing that has come since. Deliveries are brought again, which changes nothing. */
  #finishEarlier(): void {
    this.#source.deleteListed();
    this.#source.forgetList();
    this.#finishedEarlier = true;
  }

  async #checkedState(id: string): Promise<"begun" | "done"> {
    const state = await this.#target.stateOf(id);
    if (state !== "unknown") return state;
    throw new ConfigurationError(
      "invalid_options",
      `${this.#options.file} belongs to an unfinished move to another database or schema. Run that again, with its --to and --schema. ` +
        "If it is gone for good, remove the tables `moves` and `moving` from the file.",
    );
  }
}

function noCounts(): Record<ExportedTable, number> {
  return { jobs: 0, deliveries: 0, outbox: 0, bodies: 0, deadLetters: 0 };
}

function isEmpty(contents: FileContents): boolean {
  return Object.values(contents).every((count) => count === 0);
}
