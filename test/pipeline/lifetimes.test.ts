import { beforeEach, describe, expect, test } from "@jest/globals";
import { type HandlerOptions, handler, WebhookHandler, WebhookQueueHandler } from "hookwright";
import { harness } from "../support/harness.ts";
import { container, inject, injectAll, injectable, Lifecycle, scoped, singleton } from "../support/tsyringe.ts";
import { until } from "../support/until.ts";

const seen: unknown[] = [];
beforeEach(() => void seen.splice(0));

/** A handler that notes the dependency it was given. */
function noting(dependency: unknown): void {
  seen.push(dependency);
}

describe("lifetimes", () => {
  /** Two handlers that note what the container gives them for one token. */
  function twoNoting(options: HandlerOptions = {}) {
    @handler(options)
    class First extends WebhookHandler {
      constructor(@inject("dependency") private readonly dependency: unknown) {
        super();
      }
      execute(): void {
        noting(this.dependency);
      }
    }
    @handler(options)
    class Second extends WebhookHandler {
      constructor(@inject("dependency") private readonly dependency: unknown) {
        super();
      }
      execute(): void {
        noting(this.dependency);
      }
    }
    return [First, Second];
  }

  async function deliverTwice(scope = container.createChildContainer(), options: HandlerOptions = {}) {
    const { push } = harness({ container: scope, handlers: twoNoting(options) });
    expect([(await push()).status, (await push()).status]).toEqual([200, 200]);
    return seen;
  }

  test("a singleton is one for all handlers and deliveries", async () => {
    @singleton()
    class One {}
    const scope = container.createChildContainer();
    scope.register("dependency", { useToken: One });
    const [a, b, c, d] = await deliverTwice(scope);
    expect([b, c, d].every((other) => other === a)).toBe(true);
  });

  test("a transient is one for each handler, for as long as the handler lives", async () => {
    class Each {}
    const scope = container.createChildContainer();
    scope.register("dependency", { useClass: Each });
    const [a, b, c, d] = await deliverTwice(scope);
    expect([a === b, a === c, b === d]).toEqual([false, true, true]);
  });

  test("a resolution-scoped one is shared within one handler and not with the next", async () => {
    @scoped(Lifecycle.ResolutionScoped)
    class Unit {}
    @injectable()
    class Left {
      constructor(readonly unit: Unit) {}
    }
    @handler()
    class Both extends WebhookHandler {
      constructor(
        private readonly left: Left,
        private readonly unit: Unit,
      ) {
        super();
      }
      execute(): void {
        noting(this.left.unit === this.unit);
        noting(this.unit);
      }
    }
    @handler()
    class Other extends Both {
      constructor(left: Left, unit: Unit) {
        super(left, unit);
      }
    }
    await harness({ handlers: [Both, Other] }).push();
    expect([seen[0], seen[2], seen[1] === seen[3]]).toEqual([true, true, false]);
  });

  const perDelivery: readonly (readonly [string, (scope: typeof container) => void])[] = [
    [
      "a class",
      (scope) => {
        class Transaction {}
        scope.register("dependency", { useClass: Transaction }, { lifecycle: Lifecycle.ContainerScoped });
      },
    ],
    [
      "what another class needs",
      (scope) => {
        class Transaction {}
        @injectable()
        class Repository {
          constructor(@inject("transaction") readonly transaction: Transaction) {}
        }
        @injectable()
        class Service {
          constructor(readonly repository: Repository) {}
        }
        scope.register("transaction", { useClass: Transaction }, { lifecycle: Lifecycle.ContainerScoped });
        scope.register("dependency", { useClass: Service });
      },
    ],
    [
      "what stands behind another token",
      (scope) => {
        class Transaction {}
        scope.register("transaction", { useClass: Transaction }, { lifecycle: Lifecycle.ContainerScoped });
        scope.register("dependency", { useToken: "transaction" });
      },
    ],
    [
      "what a factory resolves",
      (scope) => {
        class Transaction {}
        scope.register("transaction", { useClass: Transaction }, { lifecycle: Lifecycle.ContainerScoped });
        scope.register("dependency", { useFactory: (from) => from.resolve("transaction") });
      },
    ],
  ];

  const transactionOf = (dependency: unknown): unknown =>
    (dependency as { repository?: { transaction: unknown } }).repository?.transaction ?? dependency;

  test.each(perDelivery)(
    "container-scoped as %s is one for the handlers of a delivery and another for the next",
    async (_what, register) => {
      const scope = container.createChildContainer();
      register(scope);
      const [a, b, c, d] = (await deliverTwice(scope)).map(transactionOf);
      expect([a === b, c === d, a === c]).toEqual([true, true, false]);
    },
  );

  test("container-scoped in a list is one for each delivery", async () => {
    @scoped(Lifecycle.ContainerScoped)
    class Transaction {}
    @handler()
    class Lists extends WebhookHandler {
      constructor(@injectAll("many") private readonly many: readonly unknown[]) {
        super();
      }
      execute(): void {
        noting(this.many[0]);
      }
    }
    const scope = container.createChildContainer();
    scope.register("many", { useToken: Transaction });
    const { push } = harness({ container: scope, handlers: [Lists] });
    await push();
    await push();
    expect(seen[0]).not.toBe(seen[1]);
  });

  test('`lifetime: "delivery"` constructs the handler for every delivery', async () => {
    class Each {}
    const scope = container.createChildContainer();
    scope.register("dependency", { useClass: Each });
    const [a, b, c] = await deliverTwice(scope, { lifetime: "delivery" });
    expect([a === b, a === c]).toEqual([false, false]);
  });

  test("container-scoped is one for each delivery too where the class is decorated after the container was made", async () => {
    const scope = container.createChildContainer();
    @scoped(Lifecycle.ContainerScoped)
    class UnitOfWork {}
    @handler()
    class Late extends WebhookHandler {
      constructor(private readonly unit: UnitOfWork) {
        super();
      }
      execute(): void {
        noting(this.unit);
      }
    }
    @handler()
    class Later extends Late {
      constructor(unit: UnitOfWork) {
        super(unit);
      }
    }
    const { push } = harness({ container: scope, handlers: [Late, Later] });
    await push();
    await push();
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).toBe(seen[3]);
    expect(seen[0]).not.toBe(seen[2]);
  });

  test("a worker's process() has a container of its own delivery too", async () => {
    @scoped(Lifecycle.ContainerScoped)
    class Transaction {}
    @handler()
    class Work extends WebhookQueueHandler {
      constructor(private readonly transaction: Transaction) {
        super();
      }
      process(): void {
        noting(this.transaction);
      }
    }
    const { push, webhooks } = harness({ handlers: [Work] });
    await push();
    await push();
    await webhooks.start();
    await until(() => seen.length === 2);
    expect(seen[0]).not.toBe(seen[1]);
  });
});
