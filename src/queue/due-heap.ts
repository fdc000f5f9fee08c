/** Something that has its turn at a time; of those at the same time the one with the lower number comes first. */
export interface Turn {
  readonly dueAt: number;
  readonly seq: number;
}

/** A binary heap: the earliest due on top, and of those due at the same time the one sent first. */
export class DueHeap<T extends Turn> {
  readonly #entries: T[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): T | undefined {
    return this.#entries[0];
  }

  push(entry: T): void {
    let index = this.#entries.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  pop(): T | undefined {
    const [top] = this.#entries;
    const last = this.#entries.pop();
    if (top === undefined || last === undefined || this.#entries.length === 0) return top;
    this.#entries[0] = last;
    this.#sink();
    return top;
  }

  #sink(): void {
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #swapIfEarlier(index: number, other: number): boolean {
    const [a, b] = [this.#entries[index], this.#entries[other]];
    if (a === undefined || b === undefined || !this.#isEarlier(index, other)) return false;
    this.#entries[index] = b;
    this.#entries[other] = a;
    return true;
  }

  #isEarlier(index: number, other: number): boolean {
    const [a, b] = [this.#entries[index], this.#entries[other]];
    return a !== undefined && b !== undefined && isEarlier(a, b);
  }
}

/** The order of a queue: by due time, then as sent. */
export function isEarlier(a: Turn, b: Turn): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.seq < b.seq);
}
