import type { DependencyContainer } from "../di.ts";
import { ApplicationError, describeError, WebhookError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { WebhookHandlerContext } from "./context.ts";
import { type Delivery, safeHeaders } from "./delivery.ts";
import type { Receiver } from "../receiver/index.ts";
import type { WebhookHandler } from "./handler.ts";
import type { Plan, Step } from "./plan.ts";
import { WebhookQueueContext } from "./queue-context.ts";
import { bindQueueContext } from "./queue-handler.ts";
import { responseFault, type WebhookResponse } from "./response.ts";

/** What a run needs besides its plan and delivery. */
export interface RunOptions {
  readonly receiver: Receiver;
  readonly container: DependencyContainer;
  readonly logger: Logger;
  readonly timeoutMs: number;
  /** Aborted when the process has to stop. */
  readonly stopping: AbortSignal;
  /** Stores a delivery for a queue handler. */
  readonly enqueue: (step: Step, delivery: Delivery) => Promise<void>;
}

/**
 * Runs the steps in order until one sets a response.
 *
 * @throws RejectDelivery as the handler threw it; ApplicationError `handler_failed`, `handler_timeout` or `queue_unavailable`.
 */
export async function runPlan(plan: Plan, delivery: Delivery, options: RunOptions): Promise<WebhookResponse | undefined> {
  const deadline = new Deadline(options.timeoutMs, options.stopping);
  const context = new WebhookHandlerContext(delivery, () => deadline.signal);
  const container = plan.needsContainer ? options.container.createChildContainer() : options.container;
  try {
    for (const step of plan.steps) {
      const response = await runStep(step, context, deadline, container, options);
      if (response !== undefined) return response;
    }
    return undefined;
  } finally {
    deadline.clear();
  }
}

async function runStep(step: Step, context: WebhookHandlerContext, deadline: Deadline, container: DependencyContainer, options: RunOptions): Promise<WebhookResponse | undefined> {
  try {
    const handler = step.instance ?? container.resolve<WebhookHandler>(step.handlerClass);
    if (step.isQueueHandler) bindQueueContext(context, () => queueContext(step, context, options));
    const pending: unknown = handler.execute(context);
    if (isThenable(pending)) await deadline.race(pending);
  } catch (cause) {
    options.logger.error(
      { receiver: context.receiver, id: context.id, deliveryId: context.deliveryId, handler: step.name, error: describeError(rootOf(cause)) },
      cause instanceof WebhookError ? `handler ${step.name}: ${cause.code}` : `handler ${step.name} failed`,
    );
    if (cause instanceof WebhookError && cause.status >= 400) throw cause;
    throw new ApplicationError("handler_failed", `The handler ${step.name} threw.`, { cause });
  }
  const { response } = context;
  if (response === undefined || response === null) return undefined;
  const fault = responseFault(response);
  if (fault) throw new ApplicationError("handler_failed", `The handler ${step.name} set a response that cannot be sent: ${fault}`);
  options.logger.debug({ receiver: context.receiver, id: context.id, deliveryId: context.deliveryId, handler: step.name, status: response.status }, "answered by handler");
  return response;
}

function queueContext(step: Step, context: WebhookHandlerContext, options: RunOptions): WebhookQueueContext {
  const delivery: Delivery = {
    ...pick(context),
    headers: safeHeaders(options.receiver, context.headers),
  };
  return new WebhookQueueContext(delivery, { handler: step.name, attempt: 0, signal: context.signal, send: () => options.enqueue(step, delivery) });
}

function pick(context: WebhookHandlerContext): Delivery {
  const { receiver, id, events, deliveryId, receivedAt, method, headers, query, rawBody, data, secretIndex, bodyBound, hasUnsafeIntegers } = context;
  return { receiver, id, events, deliveryId, receivedAt, method, headers, query, rawBody, data, secretIndex, bodyBound, hasUnsafeIntegers };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Our own errors wrap the one that a person wants to see. */
function rootOf(error: unknown): unknown {
  return error instanceof WebhookError && error.cause !== undefined ? error.cause : error;
}

/** The time limit of one run. Costs nothing until a handler is really asynchronous or asks for the signal. */
class Deadline {
  readonly #endsAt: number;
  readonly #stopping: AbortSignal;
  readonly #timeoutMs: number;
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onStop: (() => void) | undefined;

  constructor(timeoutMs: number, stopping: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#endsAt = performance.now() + timeoutMs;
    this.#stopping = stopping;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController();
      this.#controller = controller;
      this.#onStop = () => controller.abort(this.#stopping.reason);
      if (this.#stopping.aborted) this.#onStop();
      else this.#stopping.addEventListener("abort", this.#onStop, { once: true });
    }
    return this.#controller.signal;
  }

  /** The value, or a rejection once the time has passed; what is left of a late handler is nobody's concern any more. */
  async race(pending: PromiseLike<unknown>): Promise<void> {
    let expire: (error: Error) => void = () => {};
    const expired = new Promise<never>((_, reject) => {
      expire = reject;
    });
    this.#timer = setTimeout(() => {
      const error = new ApplicationError("handler_timeout", `A handler did not settle within ${this.#timeoutMs} ms.`);
      this.#controller?.abort(error);
      expire(error);
    }, Math.max(0, this.#endsAt - performance.now()));
    try {
      await Promise.race([pending, expired]);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    if (this.#onStop) this.#stopping.removeEventListener("abort", this.#onStop);
  }
}
