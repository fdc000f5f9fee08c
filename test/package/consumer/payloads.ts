// Compiles with the optional packages and without them: data has their types, or is `unknown`.
import type { ContextOf, DataOf } from "hookwright";
import type { github } from "hookwright/receivers/github";
import type { slack } from "hookwright/receivers/slack";
import type { stripe } from "hookwright/receivers/stripe";

// biome-ignore lint/suspicious/noTsIgnore: an expected error is one only where the package is not installed.
// @ts-ignore
type Push = import("@octokit/webhooks-types").PushEvent;
// biome-ignore lint/suspicious/noTsIgnore: as above.
// @ts-ignore
type InvoicePaid = import("stripe").Stripe.InvoicePaidEvent;
// biome-ignore lint/suspicious/noTsIgnore: as above.
// @ts-ignore
type AppMention = import("@slack/types").AppMentionEvent;

/** A type of a package that is not installed is `any`, which alone has every member that there can be. */
type IsKnown<T> = symbol extends keyof T ? false : true;
type IsUnknown<T> = unknown extends T ? IsKnown<T> : false;
type Either<Data, Type> = IsKnown<Type> extends true ? (Data extends Type ? IsKnown<Data> : false) : IsUnknown<Data>;

export const facts: readonly [
  Either<DataOf<typeof github, "push">, Push>,
  Either<DataOf<typeof stripe, "invoice.paid">, InvoicePaid>,
  Either<DataOf<typeof slack, "app_mention"> extends { event: infer Event } ? Event : unknown, AppMention>,
  IsKnown<DataOf<typeof github>>,
  IsKnown<DataOf<typeof github, "issues.*">>,
  IsKnown<DataOf<typeof slack, "/weather">["command"]>,
] = [true, true, true, true, true, true];

export function onPush(context: ContextOf<typeof github, "push">): string | undefined {
  const data: unknown = context.data;
  return typeof data === "object" && data !== null && "ref" in data && typeof data.ref === "string" ? data.ref : undefined;
}
