import type { DependencyContainer } from "../di.ts";
import { ApplicationError, isWebhookError } from "../errors.ts";
import type { NewJob } from "../job.ts";
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
  /** What the delivery is known by, if anything. */
  readonly identity: string | undefined;
  readonly timeoutMs: number;
  /** Aborted when the process has to stop. */
  readonly stopping: AbortSignal;
  /** Makes the job of a queue handler; it is stored when the run has ended. */
  readonly jobOf: (step: Step, delivery: Delivery) => NewJob;
  /** Told which handler is running, for the log line of a run that fails or hangs. */
  readonly progress: RunProgress;
}

/** How far a run has come. */
export interface RunProgress {
  handler?: string;
}

/** What a run came to. */
export interface RunResult {
  readonly response: WebhookResponse | undefined;
  /** What is left to be done later. */
  readonly jobs: readonly NewJob[];
}

/**
 * Runs the steps in order until one sets a response.
 *
 * @throws RejectDelivery as the handler threw it; ApplicationError `handler_failed`, `handler_timeout` or `queue_unavailable`.
 */
export async function runPlan(plan: Plan, delivery: Delivery, options: RunOptions): Promise<RunResult> {
  const limit = new TimeLimit(options.timeoutMs, options.stopping);
  const context = new WebhookHandlerContext(delivery, {
    signal: () => limit.signal,
    identity: options.identity,
    handler: () => options.progress.handler ?? "",
  });
  const jobs: NewJob[] = [];
  try {
    return { response: await limit.race(runSteps(plan, context, limit, jobs, options)), jobs };
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
  jobs: NewJob[],
  options: RunOptions,
): Promise<WebhookResponse | undefined> {
  const container = plan.needsContainer ? options.container.createChildContainer() : options.container;
  for (const step of plan.steps) {
    options.progress.handler = step.name;
    const handler = step.instance ?? container.resolve<WebhookHandler>(step.handlerClass);
    if (step.isQueueHandler) bindQueueContext(context, () => queueContext(step, context, jobs, options));
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

function queueContext(step: Step, context: WebhookHandlerContext, jobs: NewJob[], options: RunOptions): WebhookQueueContext {
  const delivery: Delivery = {
    ...pick(context),
    headers: safeHeaders(options.receiver, context.headers),
  };
  return new WebhookQueueContext(delivery, {
    handler: step.name,
    attempt: 0,
    signal: () => context.signal,
    identity: options.identity,
    send: async () => {
      const job = options.jobOf(step, delivery);
      // A handler may ask twice; a delivery that is known by nothing gets a job for each, as it always has.
      if (!jobs.some(({ id }) => id === job.id)) jobs.push(job);
    },
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
