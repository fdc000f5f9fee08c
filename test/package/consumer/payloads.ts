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

/** A type of a package that is not installed is `any`. */
type Installed<T> = 0 extends 1 & T ? false : true;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Either<Data, Type> = Installed<Type> extends true ? (Data extends Type ? true : false) : Same<Data, unknown>;

export const facts: readonly [
  Either<DataOf<typeof github, "push">, Push>,
  Either<DataOf<typeof stripe, "invoice.paid">, InvoicePaid>,
  Either<DataOf<typeof slack, "app_mention"> extends { event: infer Event } ? Event : unknown, AppMention>,
  Same<Installed<DataOf<typeof github>>, true>,
  Same<Installed<DataOf<typeof github, "issues.*">>, true>,
  Same<DataOf<typeof slack, "/weather">["command"], string>,
] = [true, true, true, true, true, true];

export function onPush(context: ContextOf<typeof github, "push">): string | undefined {
  const data: unknown = context.data;
  return typeof data === "object" && data !== null && "ref" in data && typeof data.ref === "string" ? data.ref : undefined;
}
