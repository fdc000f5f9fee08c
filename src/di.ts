import "reflect-metadata";
import { type DependencyContainer, type InjectionToken, inject, injectable, container as rootContainer } from "tsyringe";

export { type DependencyContainer, type InjectionToken, inject };

/** A class that a container can construct. */
// biome-ignore lint/suspicious/noExplicitAny: constructor parameters are the container's affair.
export type Class<T> = new (...parameters: any[]) => T;

/** A container of our own below tsyringe's global one, so that `@singleton()` classes are found and nothing of ours leaks into it. */
export function createContainer(): DependencyContainer {
  return rootContainer.createChildContainer();
}

/** What tsyringe's `@injectable()` does: remembers the types of the constructor's parameters. */
export function markInjectable(target: Class<unknown>): void {
  injectable()(target);
}

/**
 * Whether a class, or anything that it is constructed from, is registered as container-scoped, and so needs a container
 * of its own for every delivery. Found once, at start-up: a container per request costs a fifth of the request.
 * Factories cannot be looked into; their users say `lifetime: "delivery"`.
 */
export function needsOwnContainer(container: DependencyContainer, root: Class<unknown>): boolean {
  // A fresh child has registrations of its own for exactly the container-scoped tokens of its parent.
  const child = container.createChildContainer();
  const seen = new Set<unknown>();
  const visit = (token: InjectionToken): boolean => {
    if (seen.has(token)) return false;
    seen.add(token);
    return child.isRegistered(token) || (typeof token === "function" && parametersOf(token as Class<unknown>).some(visit));
  };
  return visit(root);
}

/** The tokens of a class's constructor parameters: the compiler's types, replaced where `@inject` names another. */
function parametersOf(target: Class<unknown>): readonly InjectionToken[] {
  const types: unknown[] = [...(Reflect.getMetadata("design:paramtypes", target) ?? [])];
  const named: Record<string, unknown> = Reflect.getOwnMetadata("injectionTokens", target) ?? {};
  for (const [index, entry] of Object.entries(named)) {
    types[Number(index)] = typeof entry === "object" && entry !== null && "token" in entry ? entry.token : entry;
  }
  return types.filter((token): token is InjectionToken => token !== undefined && token !== Object);
}
