import { entriesPerBatch, type SqsCalls, type SqsSent } from "./sqs-calls.ts";

/** Batches on their way at once. */
const mostBatches = 8;

interface Waiting {
  readonly text: string;
  readonly delaySeconds: number;
  readonly settle: (outcome: SqsSent) => void;
}

/** Sends messages: those of one turn of the event loop together, because a batch costs as much as one message. */
export class SqsOutgoing {
  readonly #calls: SqsCalls;
  readonly #largestMessageBytes: number;
  #waiting: Waiting[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(calls: SqsCalls, largestMessageBytes: number) {
    this.#calls = calls;
    this.#largestMessageBytes = largestMessageBytes;
  }

  /** Sends a text of ASCII; resolves when SQS has it. */
  send(text: string, delaySeconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: SqsSent) => {
        if (outcome === "done") resolve();
        else reject(outcome);
      };
      this.#waiting.push({ text, delaySeconds, settle });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startBatches();
    });
  }

  #startBatches(): void {
    while (this.#waiting.length > 0 && this.#running < mostBatches) {
      this.#running++;
      void this.#sendBatch(this.#waiting.splice(0, this.#batchLength())).finally(() => {
        this.#running--;
        this.#startBatches();
      });
    }
  }

  /** How many of those that wait fit one batch, whose messages together are no longer than one may be. */
  #batchLength(): number {
    let bytes = 0;
    for (const [index, { text }] of this.#waiting.entries()) {
      bytes += text.length;
      if (index > 0 && (index === entriesPerBatch || bytes > this.#largestMessageBytes)) return index;
    }
    return this.#waiting.length;
  }

  async #sendBatch(batch: readonly Waiting[]): Promise<void> {
    const outcomes = await this.#calls.send(batch).catch((error: Error) => batch.map(() => error));
    for (const [index, outcome] of outcomes.entries()) batch[index]?.settle(outcome);
  }
}
