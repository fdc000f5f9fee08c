import type { DependencyContainer } from "../di.ts";
import { ApplicationError, isWebhookError } from "../errors.ts";
import type { Receiver } from "../receiver/index.ts";
import { WebhookHandlerContext } from "./context.ts";
import { type Delivery, safeHeaders } from "./delivery.ts";
import type { WebhookHandler } from "./handler.ts";
import type { Plan, Step } from "./plan.ts";
import { WebhookQueueContext } from "./queue-context.ts";
import { bindQueueContext, queueUnavailable } from "./queue-handler.ts";
import { responseFault, type WebhookResponse } from "./response.ts";
import { TimeLimit } from "./time-limit.ts";

/** What a run needs besides its plan and delivery. */
export interface RunOptions {
  readonly receiver: Receiver;
  readonly container: DependencyContainer;
  readonly timeoutMs: number;
  /** Aborted when the process has to stop. */
  readonly stopping: AbortSignal;
  /** Stores a delivery for a queue handler. */
  readonly enqueue: (step: Step, delivery: Delivery) => Promise<void>;
  /** Told which handler is running, for the log line of a run that fails or hangs. */
  readonly progress: RunProgress;
}

/** How far a run has come. */
export interface RunProgress {
  handler?: string;
}

/**
 * Runs the steps in order until one sets a response.
 *
 * @throws RejectDelivery as the handler threw it; ApplicationError `handler_failed`, `handler_timeout` or `queue_unavailable`.
 */
export async function runPlan(plan: Plan, delivery: Delivery, options: RunOptions): Promise<WebhookResponse | undefined> {
  const limit = new TimeLimit(options.timeoutMs, options.stopping);
  const context = new WebhookHandlerContext(delivery, () => limit.signal);
  try {
    return await limit.race(runSteps(plan, context, limit, options));
  } catch (cause) {
    const { handler } = options.progress;
    const isHungQueue =
      isWebhookError(cause) && cause.code === "handler_timeout" && plan.steps.some((step) => step.isQueueHandler && step.name === handler);
    if (isHungQueue) throw queueUnavailable(cause);
    if (isWebhookError(cause) && cause.status >= 400) throw cause;
    throw new ApplicationError("handler_failed", `The handler ${handler} threw.`, { cause });
  }
}

async function runSteps(
  plan: Plan,
  context: WebhookHandlerContext,
  limit: TimeLimit,
  options: RunOptions,
): Promise<WebhookResponse | undefined> {
  const container = plan.needsContainer ? options.container.createChildContainer() : options.container;
  for (const step of plan.steps) {
    options.progress.handler = step.name;
    const handler = step.instance ?? container.resolve<WebhookHandler>(step.handlerClass);
    if (step.isQueueHandler) bindQueueContext(context, () => queueContext(step, context, options));
    const pending: unknown = handler.execute(context);
    if (isThenable(pending)) await pending;
    limit.check();
    const { response } = context;
    if (response === undefined || response === null) continue;
    const fault = responseFault(response);
    if (fault) throw new ApplicationError("handler_failed", `The handler ${step.name} set a response that cannot be sent: ${fault}`);
    return response;
  }
  return undefined;
}

function queueContext(step: Step, context: WebhookHandlerContext, options: RunOptions): WebhookQueueContext {
  const delivery: Delivery = {
    ...pick(context),
    headers: safeHeaders(options.receiver, context.headers),
  };
  return new WebhookQueueContext(delivery, {
    handler: step.name,
    attempt: 0,
    signal: () => context.signal,
    send: () => options.enqueue(step, delivery),
  });
}

function pick(context: WebhookHandlerContext): Delivery {
  const { receiver, id, events, deliveryId, receivedAt, method, headers, query, rawBody, data } = context;
  const { secretIndex, bodyBound, hasUnsafeIntegers, retryNumber, sentAt, account } = context;
  const read = { receiver, id, events, deliveryId, receivedAt, method, headers, query, rawBody, data };
  return { ...read, secretIndex, bodyBound, hasUnsafeIntegers, retryNumber, sentAt, account };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
