// Everyday: what an application uses.

// Advanced: contracts to implement, and parts to replace.
export { type Clock, type SteadyTime, systemClock } from "./clock.ts";
// Of tsyringe, so that the polyfill that it needs is always loaded first.
export { container, inject, injectable, Lifecycle, scoped, singleton } from "./di.ts";
export { type ErrorCode, type ErrorCodeEntry, type ErrorFamily, errorCodes } from "./error-codes.ts";
export { ApplicationError, ConfigurationError, RejectDelivery, RequestError, WebhookError } from "./errors.ts";
export type { ListenOptions, WebhookServer } from "./koa/listen.ts";
export { createLogger, type LogFields, type Logger, silentLogger } from "./logger.ts";
export type { Limits } from "./options.ts";
export type {
  ContextOf,
  Counts,
  DataOf,
  Delivery,
  EffectTransaction,
  HandlerClass,
  HandlerLifetime,
  HandlerOptions,
  OnceOptions,
  QueryTransaction,
  QueueContextOf,
  ReceiverChoice,
  ReceiverSecrets,
  SecretSource,
  SecretsOption,
  SerializedDelivery,
  StatementTransaction,
  WebhookResponse,
} from "./pipeline/index.ts";
export {
  forgetEffects,
  gone,
  handler,
  json,
  status,
  text,
  WebhookHandler,
  WebhookHandlerContext,
  WebhookQueueContext,
  WebhookQueueHandler,
} from "./pipeline/index.ts";
export type { ReceiverSettingsOptions, SettingsOption } from "./pipeline/settings.ts";
export type { SetupOptions } from "./pipeline/setup-windows.ts";
export { capabilitiesOf, type QueueCapabilities } from "./queue/capabilities.ts";
export type {
  ClaimOptions,
  ClaimResult,
  JobOrdering,
  JobPage,
  JobQuery,
  LeasedJob,
  LeaseRef,
  NewJob,
  Queue,
  Settlement,
  StoredJob,
} from "./queue/queue.ts";
// Authoring: what a receiver of one's own is made of.
export * from "./receiver/index.ts";
export type {
  Acceptance,
  AcceptanceResult,
  Bodies,
  DeadLetter,
  DeadLetterPage,
  DeadLetterStore,
  DeliveryClaim,
  DeliveryKey,
  Outbox,
  Store,
} from "./store/store.ts";
export { createWebhooks, type DeadLetters, type Webhooks } from "./webhooks.ts";
export type { WebhooksOptions, WorkerOptions } from "./webhooks-options.ts";
