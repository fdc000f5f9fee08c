import type { HandlerOptions, WebhookHandlerContext } from "hookwright";
import { handler, WebhookHandler, type WebhookQueueContext, WebhookQueueHandler } from "hookwright";
import type { HandlerClass } from "../../src/pipeline/handler.ts";

/** A handler class that calls a function. Its name in logs is `name`, by default `step`. */
export function step(execute: (context: WebhookHandlerContext) => void | Promise<void>, options: HandlerOptions = {}): HandlerClass {
  class Step extends WebhookHandler {
    execute(context: WebhookHandlerContext): void | Promise<void> {
      return execute(context);
    }
  }
  handler({ name: "step", ...options })(Step);
  return Step;
}

/** What a queue handler of {@link queueStep} does. */
export interface QueueStep {
  readonly process?: (context: WebhookQueueContext) => void | Promise<void>;
  /** Default: the injected queue. */
  readonly enqueue?: (context: WebhookQueueContext) => Promise<void>;
}

/** A queue handler class made of functions. Its name on jobs is `name`, by default `work`. */
export function queueStep({ process = () => {}, enqueue }: QueueStep = {}, options: HandlerOptions = {}): HandlerClass {
  class Work extends WebhookQueueHandler {
    override async enqueue(context: WebhookQueueContext): Promise<void> {
      await (enqueue ? enqueue(context) : super.enqueue(context));
    }
    process(context: WebhookQueueContext): void | Promise<void> {
      return process(context);
    }
  }
  handler({ name: "work", ...options })(Work);
  return Work;
}
