// Runs in a thread of its own, and in tests straight from this file: it and all that it imports is erasable TypeScript.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { SqlCommand, SqlFault, SqlOutcome, SqlValue } from "./command.ts";
import { openConnection } from "./connection.ts";
import { SqlExecutor } from "./executor.ts";
import { toFault } from "./faults.ts";

/** What the thread is told: a command to run, or to stop. */
export type ThreadRequest = SqlCommand | "close";

/** The outcomes of the oldest commands of one kind that have none yet, in the order in which they were posted. */
export interface ThreadReply {
  readonly durable: boolean;
  readonly outcomes: readonly SqlOutcome[];
  /** How long the transaction took. */
  readonly tookMs: number;
}

const largestBatch = 512;
const busyTimeoutMs = 5_000;

const { file } = workerData as { readonly file: string };
const port = parentPort;
let executor: SqlExecutor | undefined;

port?.on("message", (first: ThreadRequest) => {
  const requests = [first, ...waiting()];
  const batch = requests.filter((request) => request !== "close");
  // Apart, and first, so that what need not wait for the disk does not: a claim is answered while its neighbour's job syncs.
  for (const durable of [false, true]) {
    const group = batch.filter((command) => command.durable === durable);
    if (group.length > 0) reply(group, durable);
  }
  if (batch.length < requests.length) stop();
});

/** Everything else that has been posted by now: it shares the transaction. */
function* waiting(): Generator<ThreadRequest> {
  for (let count = 1; port && count < largestBatch; count++) {
    const received = receiveMessageOnPort(port);
    if (!received) return;
    yield received.message as ThreadRequest;
  }
}

function reply(batch: readonly SqlCommand[], durable: boolean): void {
  const opened = open();
  const start = performance.now();
  const outcomes = "fault" in opened ? batch.map(() => opened) : opened.run(batch);
  const answer: ThreadReply = { durable, outcomes, tookMs: performance.now() - start };
  port?.postMessage(answer, outcomes.flatMap(buffersOf));
}

function open(): SqlExecutor | { readonly fault: SqlFault } {
  try {
    if (executor?.isLost) close();
    executor ??= new SqlExecutor(openConnection(file, { busyTimeoutMs, checkpoints: true }), file);
    return executor;
  } catch (error) {
    return { fault: toFault(error) };
  }
}

/** The memory of every blob of some size in the rows, which is handed over instead of copied. */
function buffersOf(outcome: SqlOutcome): ArrayBuffer[] {
  if ("fault" in outcome) return [];
  const values = outcome.results.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row)));
  return values.filter(isLargeBlob).map((value) => value.buffer);
}

function isLargeBlob(value: SqlValue): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array && value.byteLength >= 1024 && value.buffer instanceof ArrayBuffer;
}

function close(): void {
  executor?.close();
  executor = undefined;
}

function stop(): void {
  close();
  port?.close();
}
