import { setTimeout as delay } from "node:timers/promises";
import { Listeners } from "../../listeners.ts";
import type { RedisClient } from "./redis-engine.ts";
import type { RedisLink } from "./redis-link.ts";

/** How long one wait lasts on the server; after it another begins. */
const waitSeconds = 5;
/** Until the next try where the server is away. Workers look by themselves meanwhile. */
const pauseMs = 500;

/**
 * Learns of jobs that other processes sent. BullMQ keeps a marker, a sorted set with a member where there is a job to take, which
 * idle processes wait for on a connection of its own; whoever gets it claims, and claiming a job puts it back for the next. So a
 * process waits only when its last claim had room to spare, and returns a marker that it gets when it has none.
 */
export class RedisMarker {
  readonly #link: RedisLink;
  readonly #listeners = new Listeners();
  readonly #end = new AbortController();
  #isBusy = false;
  #waiting: Promise<void> | undefined;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  watch(listener: () => void): () => void {
    const stop = this.#listeners.add(listener);
    this.#wait();
    return stop;
  }

  announce(): void {
    this.#listeners.call();
  }

  /** Tells whether a claim got as many jobs as it asked for. */
  noteClaim({ isFull }: { readonly isFull: boolean }): void {
    this.#isBusy = isFull;
    if (!isFull) this.#wait();
  }

  /** The link ends the connection, and so a wait. */
  close(): void {
    this.#listeners.clear();
    this.#end.abort();
  }

  #wait(): void {
    if (this.#waiting || this.#listeners.size === 0) return;
    this.#waiting = this.#waitForMarker().finally(() => {
      this.#waiting = undefined;
    });
  }

  /** Ends after one marker: the claim that follows says whether to wait for another. */
  async #waitForMarker(): Promise<void> {
    while (this.#listeners.size > 0) {
      try {
        const { client, key } = await this.#link.blocking();
        if (await this.#takeMarker(client, key)) return;
      } catch {
        await delay(pauseMs, undefined, { signal: this.#end.signal, ref: false }).catch(() => {});
      }
    }
  }

  async #takeMarker(client: RedisClient, key: string): Promise<boolean> {
    const popped = await client.bzpopmin(key, waitSeconds);
    if (!popped) return false;
    const [, member, score] = popped;
    if (this.#isBusy || this.#listeners.size === 0) await client.zadd(key, score, member);
    this.announce();
    return true;
  }
}
