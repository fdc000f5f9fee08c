import { WebhookError } from "../../errors.ts";
import { isConflict, isRefusal } from "../../postgres/index.ts";
import type { Dialect } from "./dialect.ts";

/** What runs a group, and what may be in one. */
export interface GroupOptions<Item, Answer> {
  /** Answers for each item, in order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  /** Items of which this is the same are never in one group. Default: any may be. */
  readonly identityOf?: (item: Item) => string | undefined;
  /** How many bytes an item carries, as far as they count. Default: none that count. */
  readonly bytesOf?: (item: Item) => number;
  /** Groups on their way at once. With one, no later call overtakes an earlier one. Default 2: the server works on one while the other travels. */
  readonly groupsAtOnce?: 1 | 2;
}

interface Call<Item, Answer> {
  readonly item: Item;
  readonly identity: string | undefined;
  readonly bytes: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const largestGroup = { calls: 512, bytes: 4 * 1024 * 1024 };

/**
 * Makes one run of calls that come together: all that have come by the end of a turn of the event loop, or while others are on their
 * way. A call that is alone is not held up.
 */
class Grouped<Item, Answer> {
  readonly #options: GroupOptions<Item, Answer>;
  #waiting: Call<Item, Answer>[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(options: GroupOptions<Item, Answer>) {
    this.#options = options;
  }

  /** Runs an item with others. */
  run(item: Item): Promise<Answer> {
    const { identityOf, bytesOf } = this.#options;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, identity: identityOf?.(item), bytes: bytesOf?.(item) ?? 0, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running >= (this.#options.groupsAtOnce ?? 2) || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#runGroup(this.#takeGroup());
      this.#schedule();
    });
  }

  /** The first that wait, but no two of one identity; the rest keep their order. */
  #takeGroup(): readonly Call<Item, Answer>[] {
    const waiting = this.#waiting;
    const group: Call<Item, Answer>[] = [];
    const identities = new Set<string | undefined>();
    let bytes = 0;
    this.#waiting = waiting.filter((call) => {
      if (group.length >= largestGroup.calls || bytes > largestGroup.bytes || identities.has(call.identity)) return true;
      if (call.identity !== undefined) identities.add(call.identity);
      bytes += call.bytes;
      group.push(call);
      return false;
    });
    return group;
  }

  /** Never rejects: the calls do. */
  async #runGroup(group: readonly Call<Item, Answer>[]): Promise<void> {
    this.#running++;
    try {
      await this.#settle(group);
    } catch (error) {
      if (group.length > 1 && mayBeOfOne(error)) await this.#runApart(group);
      else for (const { reject } of group) reject(error);
    } finally {
      this.#running--;
      this.#schedule();
    }
  }

  async #runApart(group: readonly Call<Item, Answer>[]): Promise<void> {
    for (const call of group) await this.#settle([call]).catch(call.reject);
  }

  async #settle(group: readonly Call<Item, Answer>[]): Promise<void> {
    const answers = await this.#options.run(group.map(({ item }) => item));
    for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer);
  }
}

/** Whether one of a group may have failed the others: by what it is, or because it and another group keep getting in each other's way. */
function mayBeOfOne(error: unknown): boolean {
  if (!(error instanceof WebhookError)) return true; // thrown here, by what was given
  return isRefusal(error) || isConflict(error);
}

/** How calls are run in a dialect: in groups, or each by itself where the engine does the grouping. */
export function groupedIn<Item, Answer>(
  { isConcurrent }: Pick<Dialect, "isConcurrent">,
  options: GroupOptions<Item, Answer>,
): (item: Item) => Promise<Answer> {
  if (!isConcurrent) return (item) => options.run([item]).then(([answer]) => answer as Answer);
  const grouped = new Grouped(options);
  return (item) => grouped.run(item);
}
