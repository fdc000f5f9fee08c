import { Worker } from "node:worker_threads";
import type { SqlCommand, SqlOutcome, SqlValue } from "./command.ts";
import type { ThreadReply, ThreadRequest } from "./thread.ts";

/** A command and who waits for it. */
export interface SqlCall {
  readonly command: SqlCommand;
  readonly settle: (outcome: SqlOutcome) => void;
}

/** What a writer tells about each transaction: how many calls there were at the time, whether it waited for the disk, and how long it took. */
export type OnTransaction = (calls: number, durable: boolean, tookMs: number) => void;

const threadUrl = new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);

/**
 * The thread in which commits wait for the disk, so that the event loop does not. Commands are posted one by one; the
 * thread groups whatever has arrived while it was busy. It keeps the process alive only while a command is pending.
 */
export class SqlWriter {
  readonly #file: string;
  readonly #onTransaction: OnTransaction;
  #thread: Worker | undefined;
  readonly #pending: { readonly durable: SqlCall[]; readonly other: SqlCall[] } = { durable: [], other: [] };

  constructor(file: string, onTransaction: OnTransaction) {
    this.#file = file;
    this.#onTransaction = onTransaction;
  }

  get isIdle(): boolean {
    return this.#pending.durable.length + this.#pending.other.length === 0;
  }

  /** Hands a command over; its outcome comes later. Starts the thread if there is none. */
  post(call: SqlCall): void {
    try {
      this.#thread ??= this.#start();
      const { request, memory } = detachable(call.command);
      this.#thread.postMessage(request, memory);
    } catch (error) {
      call.settle({ fault: { kind: "refused", message: error instanceof Error ? error.message : String(error) } });
      return;
    }
    if (this.isIdle) this.#thread.ref();
    this.#pendingOf(call.command.durable).push(call);
  }

  /** Stops the thread once it has run what it was given. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (!thread) return;
    const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
    thread.ref();
    thread.postMessage("close" satisfies ThreadRequest);
    await ended;
  }

  #start(): Worker {
    // Node prints warnings for each thread anew: about SQLite on Node 22, about types in tests.
    const thread = new Worker(threadUrl, { workerData: { file: this.#file }, execArgv: ["--disable-warning=ExperimentalWarning"] });
    let reason = "it was stopped";
    thread.on("message", (reply: ThreadReply) => this.#settle(reply));
    thread.on("error", (error) => {
      reason = error.message;
    });
    thread.once("exit", () => this.#lose(thread, reason));
    thread.unref();
    return thread;
  }

  #pendingOf(durable: boolean): SqlCall[] {
    return durable ? this.#pending.durable : this.#pending.other;
  }

  #settle({ durable, outcomes, tookMs }: ThreadReply): void {
    const calls = this.#pendingOf(durable).splice(0, outcomes.length);
    if (this.isIdle) this.#thread?.unref();
    this.#onTransaction(calls.length + this.#pending.durable.length + this.#pending.other.length, durable, tookMs);
    for (const [index, outcome] of outcomes.entries()) calls[index]?.settle(outcome);
  }

  #lose(thread: Worker, reason: string): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    const calls = [...this.#pending.other.splice(0), ...this.#pending.durable.splice(0)];
    for (const call of calls) call.settle({ fault: { kind: "broken", message: `The database thread ended: ${reason}.` } });
  }
}

/** A copy whose bytes own their memory: a Buffer may be a view of a pool that would otherwise be copied whole. */
function detachable(command: SqlCommand): { readonly request: SqlCommand; readonly memory: ArrayBuffer[] } {
  const memory: ArrayBuffer[] = [];
  const own = (value: SqlValue): SqlValue => {
    if (!(value instanceof Uint8Array)) return value;
    const copy = new Uint8Array(value);
    memory.push(copy.buffer);
    return copy;
  };
  const statements = command.statements.map(({ sql, params, get }) => ({ sql, params: params.map(own), get }));
  return { request: { statements, durable: command.durable }, memory };
}
