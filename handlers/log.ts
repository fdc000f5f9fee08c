import { createLogger, type Logger } from "../src/logger.ts";
import { handler, inject, WebhookHandler, type WebhookHandlerContext } from "../src/pipeline/index.ts";

/** Token of the logger that {@link LogHandler} writes to. Default, if nothing is registered: pino on standard output. */
export const deliveryLogger = Symbol.for("hookwright.deliveryLogger");

/**
 * Logs one line for every verified delivery, before other handlers run: receiver, id, events, delivery id and size. Never
 * the payload or a header.
 */
@handler({ order: Number.MIN_SAFE_INTEGER + 1, name: "log" })
export class LogHandler extends WebhookHandler {
  readonly #logger: Logger;

  constructor(@inject(deliveryLogger, { isOptional: true }) logger?: Logger) {
    super();
    this.#logger = logger ?? createLogger();
  }

  /** Writes the line. */
  override execute(context: WebhookHandlerContext): void {
    const { receiver, id, events, deliveryId, rawBody, secretIndex } = context;
    this.#logger.info({ receiver, id, events, deliveryId, bytes: rawBody.length, secretIndex }, "delivery received");
  }
}
