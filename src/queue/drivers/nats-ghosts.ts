import { type Clock, elapsedMs } from "../../clock.ts";
import type { NatsTools } from "./nats-engine.ts";
import { consumerName } from "./nats-streams.ts";

/** How often to look, while there is nothing to claim. */
const lookMs = 5_000;

/**
 * Removes messages that have been acknowledged and are still there: a server that is killed may know the one and not the other when it
 * starts again (seen with 2.9). Nobody gets them, but they count as open, and their ids as stored.
 */
export class NatsGhosts {
  readonly #stream: string;
  readonly #clock: Clock;
  #lookAtMs = 0;

  constructor(stream: string, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** To be called when a claim has found nothing. Never rejects: no claim is to fail for this, and what ails the server the next one meets. */
  async remove({ manager }: NatsTools): Promise<void> {
    const now = elapsedMs(this.#clock);
    if (now < this.#lookAtMs) return;
    this.#lookAtMs = now + lookMs;
    await this.#remove(manager).catch(() => undefined);
  }

  async #remove(manager: NatsTools["manager"]): Promise<void> {
    const { state } = await manager.streams.info(this.#stream);
    if (state.messages === 0) return;
    // Everything up to the floor has been acknowledged, whatever may still come to the stream meanwhile.
    const { ack_floor: floor } = await manager.consumers.info(this.#stream, consumerName);
    if (state.first_seq <= floor.stream_seq) await manager.streams.purge(this.#stream, { seq: floor.stream_seq + 1 });
  }
}
