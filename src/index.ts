// Everyday: what an application uses.
export { gone, handler, json, status, text, WebhookHandler, WebhookHandlerContext, WebhookQueueContext, WebhookQueueHandler } from "./pipeline/index.ts";
export type { Delivery, HandlerLifetime, HandlerOptions, SerializedDelivery, WebhookResponse } from "./pipeline/index.ts";
export { createWebhooks, type DeadLetters, type Webhooks } from "./webhooks.ts";
export type { WebhooksOptions, WorkerOptions } from "./webhooks-options.ts";
export { ApplicationError, ConfigurationError, RejectDelivery, RequestError, WebhookError } from "./errors.ts";

// Of tsyringe, so that the polyfill that it needs is always loaded first.
export { container, inject, injectable, Lifecycle, scoped, singleton } from "./di.ts";

// Authoring: what a receiver of one's own is made of.
export * from "./receiver/index.ts";

// Advanced: contracts to implement, and parts to replace.
export { type Clock, systemClock } from "./clock.ts";
export { type ErrorCode, type ErrorCodeEntry, type ErrorFamily, errorCodes } from "./error-codes.ts";
export type { ListenOptions, WebhookServer } from "./koa/listen.ts";
export { createLogger, type LogFields, type Logger, silentLogger } from "./logger.ts";
export type { Limits } from "./options.ts";
export type { Counts, HandlerClass, ReceiverSecrets, SecretSource, SecretsOption } from "./pipeline/index.ts";
export type { ReceiverSettingsOptions } from "./pipeline/settings.ts";
export type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue, Settlement, StoredJob } from "./queue/queue.ts";
export type { DeliveryClaim, DeliveryKey, Store } from "./store/store.ts";
