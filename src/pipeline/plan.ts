import { construct, type DependencyContainer } from "../di.ts";
import { ApplicationError, ConfigurationError, describeError } from "../errors.ts";
import type { JobOrdering } from "../job.ts";
import { type Faults, show } from "../options.ts";
import type { Delivery } from "./delivery.ts";
import { type HandlerClass, type HandlerOptions, handlerOptionsOf, type WebhookHandler } from "./handler.ts";
import { WebhookQueueHandler } from "./queue-handler.ts";

/** One handler class, ready to run. */
export interface Step {
  readonly name: string;
  readonly order: number;
  readonly handlerClass: HandlerClass;
  /** Whether `process` runs on a worker. */
  readonly isQueueHandler: boolean;
  /** The one instance, or undefined where every delivery gets its own. */
  readonly instance: WebhookHandler | undefined;
  /** Whether all that it does in the request is to store a job. */
  readonly onlyStores: boolean;
  /** Whether it stores its jobs in the injected queue, unless it does so besides something else. */
  readonly usesQueue: boolean;
  readonly hasOrdering: boolean;
  /** How its jobs stand to each other. */
  readonly orderingOf: (delivery: Delivery) => JobOrdering | undefined;
  readonly matches: (receiver: string, id: string, events: readonly string[]) => boolean;
}

/** The steps of one kind of delivery, in order. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly hasQueueHandler: boolean;
  /** Whether a run does nothing but store jobs. */
  readonly onlyStores: boolean;
  /** Whether some step needs a container of the delivery's own. */
  readonly needsContainer: boolean;
}

/** Checks the handlers' options, naming each fault by the handler's position. */
export function checkHandlers(handlers: readonly HandlerClass[], faults: Faults): void {
  const queueNames = new Set<string>();
  for (const [index, one] of handlers.entries()) {
    const path = `handlers[${index}]`;
    if (typeof one !== "function" || typeof one.prototype?.execute !== "function") {
      faults.add(path, `expected a class that extends WebhookHandler, got ${show(one)}.`);
      continue;
    }
    const options = handlerOptionsOf(one);
    const named = `${path} (${one.name})`;
    faults.checkKeys(named, options, ["order", "receiver", "events", "id", "name", "lifetime", "orderingKey", "afterDeadLetter"]);
    if (options.order !== undefined && !Number.isSafeInteger(options.order))
      faults.add(`${named}.order`, `expected a whole number, got ${show(options.order)}.`);
    checkFilters(named, options, faults);
    if (options.lifetime !== undefined && options.lifetime !== "auto" && options.lifetime !== "delivery")
      faults.add(`${named}.lifetime`, 'takes "auto" or "delivery".');
    if (options.name !== undefined && (typeof options.name !== "string" || options.name === ""))
      faults.add(`${named}.name`, `expected a name, got ${show(options.name)}.`);
    checkOrdering(one, named, options, faults);
    if (!isQueueHandler(one)) continue;
    if (typeof one.prototype.process !== "function") faults.add(named, "a WebhookQueueHandler needs a `process` method.");
    const name = nameOf(one);
    if (name === "") faults.add(named, "a queue handler needs a name, since its jobs are stored under it: `@handler({ name: … })`.");
    else if (queueNames.has(name)) faults.add(named, `another queue handler is also named ${name}; set \`name\` on one of them.`);
    queueNames.add(name);
  }
}

function checkOrdering(one: HandlerClass, path: string, { orderingKey, afterDeadLetter }: HandlerOptions, faults: Faults): void {
  if (orderingKey !== undefined && typeof orderingKey !== "function")
    faults.add(`${path}.orderingKey`, `expected a function of the delivery, got ${show(orderingKey)}.`);
  if (orderingKey !== undefined && !isQueueHandler(one))
    faults.add(`${path}.orderingKey`, "only jobs of a WebhookQueueHandler have an order.");
  if (afterDeadLetter !== undefined && afterDeadLetter !== "continue" && afterDeadLetter !== "wait")
    faults.add(`${path}.afterDeadLetter`, 'takes "continue" or "wait".');
  if (afterDeadLetter !== undefined && orderingKey === undefined)
    faults.add(`${path}.afterDeadLetter`, "means nothing without `orderingKey`.");
}

function checkFilters(path: string, options: HandlerOptions, faults: Faults): void {
  for (const filter of ["receiver", "events", "id"] as const) {
    const value: unknown = options[filter];
    if (Array.isArray(value) && value.length === 0)
      faults.add(`${path}.${filter}`, "the list is empty, so nothing would match; leave it out for every one.");
  }
  for (const pattern of listOf(options.events)) {
    if (!isEventPattern(pattern)) faults.add(`${path}.events`, "takes exact names, `*`, or names that end in `.*`.");
  }
  for (const one of listOf(options.receiver)) {
    if (typeof one !== "string" && typeof one?.name !== "string")
      faults.add(`${path}.receiver`, `expected a receiver or its name, got ${show(one)}.`);
  }
  for (const one of listOf(options.id)) {
    if (typeof one !== "string" || one === "") faults.add(`${path}.id`, `expected an id, got ${show(one)}.`);
  }
}

/**
 * Resolves every handler once and sorts them. Handlers of equal order keep the order of the list.
 *
 * @throws ConfigurationError `invalid_options` where the container cannot construct one.
 */
export function createSteps(handlers: readonly HandlerClass[], container: DependencyContainer): readonly Step[] {
  const steps = handlers.map((handlerClass, index) => createStep(handlerClass, index, container));
  return steps.sort((a, b) => a.order - b.order);
}

/** Makes plans, each once per receiver, id and events. */
export function createPlanner(steps: readonly Step[]): (receiver: string, id: string, events: readonly string[]) => Plan {
  const byReceiver = new Map<string, Map<string, Map<string, Plan>>>();
  return (receiver, id, events) => {
    const byEvents = inner(inner(byReceiver, receiver), id);
    const key = keyOf(events);
    let plan = byEvents.get(key);
    if (!plan) {
      plan = makePlan(steps.filter((step) => step.matches(receiver, id, events)));
      // Ids and events come from verified senders, yet some put user text into them.
      if (byEvents.size >= maxPlans) byEvents.clear();
      if (key.length <= maxKeyLength) byEvents.set(key, plan);
    }
    return plan;
  };
}

/** One name stands for itself, several for their JSON; no name can be taken for the JSON of others. */
function keyOf(events: readonly string[]): string {
  const [first = ""] = events;
  return events.length === 1 && !first.startsWith("[") ? first : JSON.stringify(events);
}

function makePlan(steps: readonly Step[]): Plan {
  return {
    steps,
    hasQueueHandler: steps.some((step) => step.isQueueHandler),
    onlyStores: steps.length > 0 && steps.every((step) => step.onlyStores),
    needsContainer: steps.some((step) => step.instance === undefined),
  };
}

function inner<Value>(outer: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  let found = outer.get(key);
  if (!found) {
    if (outer.size >= maxPlans) outer.clear();
    found = new Map();
    outer.set(key, found);
  }
  return found;
}

/** Name of a handler in logs and on jobs. */
export function nameOf(handlerClass: HandlerClass): string {
  return handlerOptionsOf(handlerClass).name ?? handlerClass.name;
}

const maxPlans = 1_000;
const maxKeyLength = 1_000;

function createStep(handlerClass: HandlerClass, index: number, container: DependencyContainer): Step {
  const options = handlerOptionsOf(handlerClass);
  try {
    // One that is constructed per delivery is constructed here too, so that a missing dependency shows at start-up.
    const { instance, isScoped } = construct<WebhookHandler>(container, handlerClass);
    return {
      name: nameOf(handlerClass),
      order: options.order ?? 50,
      handlerClass,
      isQueueHandler: isQueueHandler(handlerClass),
      onlyStores: onlyStores(handlerClass),
      usesQueue: usesQueue(handlerClass),
      hasOrdering: options.orderingKey !== undefined,
      orderingOf: createOrdering(nameOf(handlerClass), options),
      instance: isScoped || options.lifetime === "delivery" ? undefined : instance,
      matches: createFilter(handlerClass, options),
    };
  } catch (cause) {
    throw new ConfigurationError(
      "invalid_options",
      `handlers[${index}] (${handlerClass.name}): the container cannot construct it: ${describeError(cause)}\nRegister what its constructor takes, decorate it with @handler, and compile with \`emitDecoratorMetadata\` or name the tokens with @inject.`,
      { cause },
    );
  }
}

function isQueueHandler(handlerClass: HandlerClass): boolean {
  return handlerClass.prototype instanceof WebhookQueueHandler;
}

/** Whether a class inherits both steps of storing as they are, so that a second run in the request would change nothing. */
function onlyStores({ prototype }: HandlerClass): boolean {
  const { execute, enqueue } = WebhookQueueHandler.prototype;
  return prototype instanceof WebhookQueueHandler && prototype.execute === execute && prototype.enqueue === enqueue;
}

function usesQueue({ prototype }: HandlerClass): boolean {
  return prototype instanceof WebhookQueueHandler && prototype.enqueue === WebhookQueueHandler.prototype.enqueue;
}

/** Keys of different handlers have nothing to do with each other. */
function createOrdering(name: string, { orderingKey, afterDeadLetter = "continue" }: HandlerOptions): Step["orderingOf"] {
  return (delivery) => {
    const key = orderingKey && callOrderingKey(name, orderingKey, delivery);
    return key === undefined ? undefined : { key: `${name}:${key}`, afterDead: afterDeadLetter };
  };
}

function callOrderingKey(name: string, orderingKey: (delivery: Delivery) => unknown, delivery: Delivery): string | undefined {
  try {
    const key = orderingKey(delivery);
    if (key === undefined || typeof key === "string") return key;
    throw new TypeError(`expected a text or undefined, got ${show(key)}.`);
  } catch (cause) {
    throw new ApplicationError("handler_failed", `The \`orderingKey\` of ${name} failed.`, { cause });
  }
}

/** The receivers that a handler names, in lower case; none where it sees every one. */
export function receiversOf(handlerClass: HandlerClass): readonly string[] {
  return listOf(handlerOptionsOf(handlerClass).receiver).map((one) => (typeof one === "string" ? one : one.name).toLowerCase());
}

function createFilter(handlerClass: HandlerClass, options: HandlerOptions): Step["matches"] {
  const receivers = new Set(receiversOf(handlerClass));
  const ids = new Set(listOf(options.id).map((id) => id.toLowerCase()));
  const matchesEvent = createEventFilter(listOf(options.events));
  return (receiver, id, events) =>
    (receivers.size === 0 || receivers.has("*") || receivers.has(receiver)) &&
    (ids.size === 0 || ids.has("*") || ids.has(id)) &&
    matchesEvent(events);
}

function createEventFilter(patterns: readonly string[]): (events: readonly string[]) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  if (lower.length === 0 || lower.includes("*")) return () => true;
  const exact = new Set(lower.filter((pattern) => !pattern.endsWith(".*")));
  const prefixes = lower.filter((pattern) => pattern.endsWith(".*")).map((pattern) => pattern.slice(0, -1));
  return (events) =>
    events.some((event) => {
      const name = event.toLowerCase();
      return exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
    });
}

function isEventPattern(pattern: unknown): boolean {
  if (typeof pattern !== "string" || pattern === "") return false;
  const star = pattern.indexOf("*");
  return star < 0 || pattern === "*" || (star === pattern.length - 1 && pattern.endsWith(".*") && pattern.length > 2);
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
