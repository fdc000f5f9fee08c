import type { SqlCommand, SqlOutcome } from "./command.ts";
import { openConnection } from "./connection.ts";
import { SqlExecutor } from "./executor.ts";
import { toFault } from "./faults.ts";
import { type SqlCall, SqlWriter } from "./writer.ts";

/** How many commands in a row must have been alone before one is run without the thread. */
const loneCallsBeforeInline = 2;
/** After so much the thread gets some calls, and with them the chance to move the log into the database file. */
const inlineBytesBeforeThread = 16 * 1024 * 1024;
/** What a call adds to the log besides its values: a few pages. */
const bytesOfCall = 16 * 1024;
/** A disk that makes a commit wait longer is left to the thread, so as not to hold up the event loop. */
const slowestSyncMs = 1;

/**
 * Chooses where a command runs. Many at once go to the writer thread, which shares a transaction among them. A caller that
 * is alone would pay for the two hops and gain nothing, so its command runs on this thread, unless it is long or has to wait for a disk
 * that is slow.
 */
export class SqlEngine {
  readonly #file: string;
  readonly #writer: SqlWriter;
  #inline: SqlExecutor | undefined;
  #held: SqlCall[] = [];
  #loneCalls = 0;
  #inlineBytes = 0;
  /** How long a durable command takes that is alone; the first one tells. */
  #syncMs = Number.POSITIVE_INFINITY;

  constructor(file: string) {
    this.#file = file;
    this.#writer = new SqlWriter(file, (calls, durable, tookMs) => this.#learn(calls, durable, tookMs));
  }

  /** Runs a command. Never rejects: a failure is an outcome. */
  execute(command: SqlCommand): Promise<SqlOutcome> {
    return new Promise((settle) => this.#dispatch({ command, settle }));
  }

  /** Closes both connections and ends the thread. Nothing may be under way. */
  async close(): Promise<void> {
    this.#closeInline();
    await this.#writer.close();
  }

  #closeInline(): void {
    this.#inline?.close();
    this.#inline = undefined;
  }

  #dispatch(call: SqlCall): void {
    if (!this.#writer.isIdle || call.command.isLong || !this.#mayRunInline(call.command)) this.#writer.post(call);
    // It waits for no disk, so there is no wait that others could share.
    else if (!call.command.durable && this.#held.length === 0) this.#runInline(call);
    // Whether it is alone is known once this turn of the event loop has run every callback that was ready.
    else if (this.#held.push(call) === 1) setImmediate(() => this.#runHeld());
  }

  #mayRunInline({ durable }: SqlCommand): boolean {
    return this.#held.length > 0 || (this.#loneCalls >= loneCallsBeforeInline && (!durable || this.#syncMs <= slowestSyncMs));
  }

  #runHeld(): void {
    const calls = this.#held;
    this.#held = [];
    const [call] = calls;
    if (call && calls.length === 1) {
      this.#runInline(call);
    } else {
      this.#loneCalls = 0;
      for (const each of calls) this.#writer.post(each);
    }
  }

  #runInline(call: SqlCall): void {
    const start = performance.now();
    const outcome = this.#tryInline(call.command);
    if (!outcome || ("fault" in outcome && outcome.fault.kind !== "refused")) {
      this.#loneCalls = 0;
      this.#writer.post(call);
      return;
    }
    this.#learn(1, call.command.durable, performance.now() - start);
    this.#inlineBytes += bytesOfCall + sizeOf(call.command);
    if (this.#inlineBytes >= inlineBytesBeforeThread) {
      this.#inlineBytes = 0;
      this.#loneCalls = 0;
    }
    call.settle(outcome);
  }

  /** The outcome, or a fault after which the thread, which waits for locks, is to try. */
  #tryInline(command: SqlCommand): SqlOutcome | undefined {
    try {
      if (this.#inline?.isLost) this.#closeInline();
      this.#inline ??= new SqlExecutor(openConnection(this.#file, { busyTimeoutMs: 0, checkpoints: false }), this.#file);
      return this.#inline.run([command])[0];
    } catch (error) {
      return { fault: toFault(error) };
    }
  }

  #learn(calls: number, durable: boolean, tookMs: number): void {
    this.#loneCalls = calls === 1 ? this.#loneCalls + 1 : 0;
    if (calls !== 1 || !durable) return;
    // One long wait, as for a checkpoint, says little about the disk.
    const cappedMs = Math.min(tookMs, 2 * slowestSyncMs);
    this.#syncMs = Number.isFinite(this.#syncMs) ? this.#syncMs + (cappedMs - this.#syncMs) / 8 : cappedMs;
  }
}

function sizeOf({ statements }: SqlCommand): number {
  let bytes = 0;
  for (const { params } of statements) {
    for (const value of params) {
      if (value instanceof Uint8Array) bytes += value.byteLength;
      else if (typeof value === "string") bytes += value.length;
    }
  }
  return bytes;
}
