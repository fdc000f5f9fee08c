/** Who wants to be told of something that carries no value. */
export class Listeners {
  /** Wrapped, since one function may listen twice. */
  readonly #entries = new Set<{ readonly call: () => void }>();

  get size(): number {
    return this.#entries.size;
  }

  /** Answers what ends it. */
  add(listener: () => void): () => void {
    const entry = { call: listener };
    this.#entries.add(entry);
    return () => void this.#entries.delete(entry);
  }

  call(): void {
    for (const { call } of this.#entries) call();
  }

  clear(): void {
    this.#entries.clear();
  }
}
