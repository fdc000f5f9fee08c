import { type Class, markInjectable } from "../di.ts";
import type { WebhookHandlerContext } from "./context.ts";
import type { Delivery } from "./delivery.ts";
import type { DataOf, ReceiverChoice } from "./payload.ts";
import type { WebhookQueueContext } from "./queue-context.ts";

/** How long one instance of a handler lives. */
export type HandlerLifetime =
  /** Constructed once, or once per delivery if anything that it needs is container-scoped. */
  | "auto"
  /** Constructed for every delivery, in a container of that delivery. */
  | "delivery";

/** Which deliveries a handler sees, and when. */
export interface HandlerOptions<Choice extends ReceiverChoice = ReceiverChoice, Event extends string = string> {
  /** Lowest first; handlers of equal order run as they are registered. Default 50. */
  readonly order?: number;
  /** Receivers by name, or the receivers themselves. Default: every one. Names compare without case. */
  readonly receiver?: Choice;
  /** Event names: exact, `*`, or ending in `.*`. Default: every one. */
  readonly events?: Event | readonly Event[];
  /** Ids of URLs. Default: every one. `default` is the id of a URL without one. */
  readonly id?: string | readonly string[];
  /** Name in logs and on jobs. Default: the name of the class. Set it where a minifier renames classes. */
  readonly name?: string;
  /** Default `auto`. */
  readonly lifetime?: HandlerLifetime;
  /**
   * Of a queue handler: what its jobs must be done in order of, such as the id of a customer. Jobs of one key run one at a time, in
   * the order in which their deliveries were accepted; undefined means that this one need not wait. Needs a queue that keeps order,
   * in one database with the store: SQLite or PostgreSQL.
   */
  readonly orderingKey?: (delivery: Delivery) => string | undefined;
  /** What the jobs of a key do when one of them has become a dead letter: go on, or wait until it is retried or purged. Default `continue`. */
  readonly afterDeadLetter?: "continue" | "wait";
}

/** One step of the pipeline. It has no constructor, so that a class of yours may take what it likes. */
export abstract class WebhookHandler {
  /** Handles a delivery. Throwing answers the provider with 500, so that it delivers again. */
  abstract execute(context: WebhookHandlerContext): void | Promise<void>;
}

/** A handler as it is registered: its class. */
export type HandlerClass = Class<WebhookHandler>;

/** A handler class whose methods take what a receiver's events hold. */
type HandlerClassFor<Data> = Class<
  WebhookHandler & {
    execute: (context: WebhookHandlerContext<Data>) => unknown;
    process?: (context: WebhookQueueContext<Data>) => unknown;
  }
>;

/**
 * Declares when a handler runs, and makes the class injectable. Works as a decorator of either kind and as a plain
 * function: `handler({ order: 10 })(AuditPush)`. Options are checked by `createWebhooks`.
 *
 * Where `receiver` is a receiver and not its name, the compiler checks what the class takes: with
 * `@handler({ receiver: github, events: ["issues.opened"] })`, a method may take `ContextOf<typeof github, "issues.opened">` or
 * something wider, and nothing else.
 */
export function handler<const Choice extends ReceiverChoice = string, const Event extends string = string>(
  options: HandlerOptions<Choice, Event> = {},
): (target: HandlerClassFor<DataOf<Choice, Event>>, context?: unknown) => void {
  return (target) => {
    markInjectable(target);
    declared.set(target, options);
  };
}

/** What {@link handler} declared for a class, or for the nearest class that it extends. */
export function handlerOptionsOf(target: HandlerClass): HandlerOptions {
  for (let one: unknown = target; typeof one === "function"; one = Object.getPrototypeOf(one)) {
    const options = declared.get(one);
    if (options) return options;
  }
  return {};
}

const declared = new WeakMap<object, HandlerOptions>();
