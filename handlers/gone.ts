import { gone, handler, inject, WebhookHandler, type WebhookHandlerContext } from "../src/pipeline/index.ts";

/** Token of the ids that {@link GoneHandler} answers 410 for: a list, registered in the container. Ids compare without case. */
export const goneIds = Symbol.for("hookwright.goneIds");

/**
 * Answers 410 Gone for retired ids, before any other handler. Many providers stop sending on it.
 *
 * @example
 * container.registerInstance(goneIds, ["old-shop"]);
 * createWebhooks({ container, handlers: [GoneHandler, …], … });
 */
@handler({ order: Number.MIN_SAFE_INTEGER, name: "gone" })
export class GoneHandler extends WebhookHandler {
  readonly #ids: ReadonlySet<string>;

  constructor(@inject(goneIds) ids: readonly string[]) {
    super();
    this.#ids = new Set(ids.map((id) => id.toLowerCase()));
  }

  /** Sets the response where the id is retired. */
  override execute(context: WebhookHandlerContext): void {
    if (this.#ids.has(context.id)) context.response = gone();
  }
}
