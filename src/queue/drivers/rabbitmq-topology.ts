/**
 * The queues of the driver, all of them quorum queues on the default exchange: one for the work, and a ladder of others in which
 * jobs wait.
 *
 * A time to live per message would be simpler, but a queue looks only at its first message: one that is due in an hour would hold
 * up another that is due in a second. So each rung of the ladder has one time to live for all of its messages, twice that of the
 * rung below, and then hands them to the work queue. A job goes to the highest rung that is not longer than its wait, and whoever
 * gets it from the work queue too early sends it to the next. Against the well-known ladder in which the broker itself moves messages from rung
 * to rung by the bits of the delay, this adds up no errors, since each hop looks at the due time anew, has no longest delay, and
 * needs no exchanges; it costs a message per hop, about half as many as there are rungs below the first.
 *
 * A message moves from a rung to the work queue "at least once" (RabbitMQ 3.10), that is, only when the work queue has it on disk.
 */
export interface QueueDeclaration {
  readonly queue: string;
  readonly durable: true;
  readonly arguments: Readonly<Record<string, string | number>>;
  /**
   * Where its messages go when their time is over. It must be there before the first: a broker that finds no target
   * tries again only after three minutes.
   */
  readonly target?: QueueDeclaration;
}

/** The shortest wait in a queue, in milliseconds. What is due sooner is held by the process that gets it. */
export const shortestRungMs = 50;

/** The highest rung lasts 14.6 hours; a job that waits longer comes to it again. */
const rungCount = 21;

/** A broker of version 4 drops a message after 20 deliveries unless told otherwise, and none may be dropped. */
const deliveryLimit = 1_000_000_000;

/** Seven days. The broker would take jobs away after 30 minutes, from 3.12 on after this time; leases end by the driver's own count. */
const consumerTimeoutMs = 604_800_000;

/** Where a full queue refuses messages, `send` rejects; by default it would drop the oldest. */
const quorum = { "x-queue-type": "quorum", "x-overflow": "reject-publish" } as const;

/** The declarations for one name. They must never change: the broker refuses other arguments for a queue that exists. */
export class Topology {
  readonly work: QueueDeclaration;
  /** Where jobs wait that came back without a word: rabbitmq-returned.ts says why. */
  readonly returned: QueueDeclaration;
  /** Where messages are put that are none of ours, so that they neither block the work nor are lost. */
  readonly unreadable: QueueDeclaration;
  readonly #rungs: readonly QueueDeclaration[];

  constructor(name: string) {
    const held = { "x-delivery-limit": deliveryLimit, "x-consumer-timeout": consumerTimeoutMs };
    this.work = declare(name, held);
    this.returned = declare(`${name}.returned`, held);
    this.unreadable = declare(`${name}.unreadable`, {});
    this.#rungs = Array.from({ length: rungCount }, (_, rung) => {
      const waitMs = shortestRungMs * 2 ** rung;
      const waiting = declare(`${name}.wait.${waitMs}`, {
        "x-message-ttl": waitMs,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": name,
        "x-dead-letter-strategy": "at-least-once",
      });
      return { ...waiting, target: this.work };
    });
  }

  /** Where a job goes that is due in so many milliseconds. */
  destination(waitMs: number): QueueDeclaration {
    if (!(waitMs >= shortestRungMs)) return this.work;
    const rung = Math.min(Math.floor(Math.log2(waitMs / shortestRungMs)), rungCount - 1);
    return this.#rungs[rung] ?? this.work;
  }
}

function declare(queue: string, more: Readonly<Record<string, string | number>>): QueueDeclaration {
  return { queue, durable: true, arguments: { ...quorum, ...more } };
}
