/**
 * How far the server's clock is ahead of this process's, in milliseconds. One figure is kept until the server's answer contradicts it:
 * two jobs that are due at the same time of ours are then due at the same time of the server's, whatever the network did.
 */
export class ServerTime {
  #aheadMs: number | undefined;

  /** What a statement is given to find the figure: our time, and what is known. */
  parameters(now: Date): readonly [nowMs: number, aheadMs: number | null] {
    return [now.getTime(), this.#aheadMs ?? null];
  }

  /** Takes the figure that the statement went by. */
  learn(aheadMs: unknown): void {
    this.#aheadMs = Number(aheadMs);
  }
}

/**
 * SQL for the figure, given our time and what is known. What the server observes includes the way of the statement to it, so it
 * may be larger than the figure, and hardly smaller; beyond that, one of the clocks was set.
 */
export function aheadSql(nowMs: string, aheadMs: string): string {
  const observed = `(extract(epoch FROM clock_timestamp()) * 1000 - ${nowMs}::double precision)`;
  return `CASE WHEN ${observed} - ${aheadMs}::double precision BETWEEN -50 AND 250 THEN ${aheadMs}::double precision ELSE ${observed} END`;
}
