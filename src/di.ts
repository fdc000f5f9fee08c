import "reflect-metadata";
import { container, type DependencyContainer, type InjectionToken, inject, injectable, Lifecycle, scoped, singleton } from "tsyringe";

export { container, type DependencyContainer, type InjectionToken, inject, injectable, Lifecycle, scoped, singleton };

const globalContainer = container;

/** A class that a container can construct. */
// biome-ignore lint/suspicious/noExplicitAny: constructor parameters are the container's affair.
export type Class<T> = new (...parameters: any[]) => T;

/** A container of our own below tsyringe's global one, so that `@singleton()` classes are found and nothing of ours leaks into it. */
export function createContainer(): DependencyContainer {
  return globalContainer.createChildContainer();
}

/** What tsyringe's `@injectable()` does: remembers the types of the constructor's parameters. */
export function markInjectable(target: Class<unknown>): void {
  injectable()(target);
}

/** An instance, and whether it was made of anything that is container-scoped. */
export interface Construction<T> {
  readonly instance: T;
  readonly isScoped: boolean;
}

/**
 * Constructs a class in a new child of the container and watches what is resolved on the way, through tokens and
 * factories too. A class that is made of something container-scoped needs a container for every delivery; any other may
 * be constructed once, which matters: a container per request costs a fifth of the request. What is only resolved later,
 * as with `delay`, cannot be seen; its users say `lifetime: "delivery"`.
 */
export function construct<T>(container: DependencyContainer, target: Class<T>): Construction<T> {
  // A child has registrations of its own for exactly the container-scoped tokens of its parent.
  const child = container.createChildContainer();
  const globalChild = globalContainer.createChildContainer();
  let isScoped = false;
  const watch = <Method extends (token: InjectionToken<never>, ...rest: never[]) => unknown>(method: Method): Method =>
    ((token: InjectionToken<never>, ...rest: never[]) => {
      // Decorated after this container was made: without a registration of its own all deliveries would share one instance.
      if (typeof token === "function" && globalChild.isRegistered(token) && !container.isRegistered(token)) {
        for (const one of [container, child]) one.register(token, token as Class<never>, { lifecycle: Lifecycle.ContainerScoped });
      }
      isScoped ||= child.isRegistered(token);
      return method.call(child, token, ...rest);
    }) as Method;
  child.resolve = watch(child.resolve);
  child.resolveAll = watch(child.resolveAll);
  const instance = child.resolve(target);
  return { instance, isScoped };
}
