/** Runs at most so many at once. The others wait in line. */
export class Slots {
  #free: number;
  readonly #waiting: { readonly begin: () => void; readonly giveUp: (reason: unknown) => void }[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((begin, giveUp) => this.#waiting.push({ begin, giveUp }));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.begin();
      else this.#free++;
    }
  }

  /** Sends away all that wait. */
  clear(reason: unknown): void {
    for (const { giveUp } of this.#waiting.splice(0)) giveUp(reason);
  }
}
