export { inject } from "../di.ts";
export { DeliveryContext, WebhookHandlerContext } from "./context.ts";
export type { Counts } from "./counters.ts";
export type { Delivery } from "./delivery.ts";
export { type HandlerClass, type HandlerLifetime, type HandlerOptions, handler, WebhookHandler } from "./handler.ts";
export { type SerializedDelivery, WebhookQueueContext } from "./queue-context.ts";
export { WebhookQueueHandler } from "./queue-handler.ts";
export { gone, json, type ResponseOptions, status, text, type WebhookResponse } from "./response.ts";
export type { ReceiverSecrets, SecretSource, SecretsOption } from "./secret-lookup.ts";
