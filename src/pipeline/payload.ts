import type { Receiver } from "../receiver/index.ts";
import type { WebhookHandlerContext } from "./context.ts";
import type { WebhookQueueContext } from "./queue-context.ts";

/** A receiver as a handler names it. */
export type ReceiverChoice = string | { readonly name: string } | readonly (string | { readonly name: string })[];

/**
 * What the data of an event is: `DataOf<typeof github, "issues.opened">`. A pattern such as `issues.*` stands for each event
 * below it. `unknown` where the receiver declares no types, or the optional package that has them is not installed.
 */
export type DataOf<Choice, Event extends string = string> = Choice extends readonly (infer One)[]
  ? DataOf<One, Event>
  : Choice extends Receiver<string, infer _Rules, infer Payloads>
    ? PayloadOf<Known<Payloads>, Event>
    : unknown;

/** The context of a handler for some events of a receiver: `ContextOf<typeof github, "issues.opened">`. */
export type ContextOf<Choice, Event extends string = string> = WebhookHandlerContext<DataOf<Choice, Event>>;

/** The same for `process` of a queue handler. */
export type QueueContextOf<Choice, Event extends string = string> = WebhookQueueContext<DataOf<Choice, Event>>;

/**
 * A package that is not installed makes its types `any`, and a pattern that no key fits makes `never`. Both have every member
 * that there can be, which would switch checks off; they become `unknown` here.
 */
type Known<T> = symbol extends keyof T ? unknown : T;

type PayloadOf<Payloads, Event extends string> = unknown extends Payloads
  ? unknown
  : Event extends keyof Payloads
    ? Known<Payloads[Event]>
    : string extends Event
      ? Known<Payloads[keyof Payloads]>
      : Event extends "*"
        ? Known<Payloads[keyof Payloads]>
        : Event extends `${infer Group}.*`
          ? OfKeys<Payloads, Extract<keyof Payloads, Group | `${Group}.${string}`>>
          : OfKeys<Payloads, never>;

/** What some keys have; where there is none, what `*` has. */
type OfKeys<Payloads, Keys extends keyof Payloads> = [Keys] extends [never]
  ? "*" extends keyof Payloads
    ? Known<Payloads["*"]>
    : unknown
  : Known<Payloads[Keys]>;
