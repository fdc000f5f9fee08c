import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type HandlerOptions, handler, WebhookHandler, type WebhookHandlerContext } from "hookwright";
import { harness } from "./support/harness.ts";
import { container, inject, singleton } from "./support/tsyringe.ts";

const seen: unknown[] = [];
beforeEach(() => void seen.splice(0));

/** A handler that notes the dependency it was given. */
function noting(dependency: unknown): void {
  seen.push(dependency);
}

describe("a handler's constructor", () => {
  class Mailer {
    readonly kind = "mailer";
  }

  test("is injected by the types that the compiler wrote", async () => {
    @handler()
    class Notify extends WebhookHandler {
      constructor(private readonly mailer: Mailer) {
        super();
      }
      execute(): void {
        noting(this.mailer);
      }
    }
    await harness({ handlers: [Notify] }).push();
    expect(seen).toEqual([expect.any(Mailer)]);
  });

  test("is injected by the tokens that @inject names", async () => {
    @handler()
    class Notify extends WebhookHandler {
      constructor(@inject("mailer") private readonly mailer: { readonly kind: string }) {
        super();
      }
      execute(): void {
        noting(this.mailer);
      }
    }
    const scope = container.createChildContainer();
    scope.registerInstance("mailer", { kind: "fake" });
    await harness({ container: scope, handlers: [Notify] }).push();
    expect(seen).toEqual([{ kind: "fake" }]);
  });

  test("needs no decorator of tsyringe beside @handler, and none where it has no parameters", async () => {
    class Plain extends WebhookHandler {
      execute(): void {
        noting("plain");
      }
    }
    await harness({ handlers: [Plain] }).push();
    expect(seen).toEqual(["plain"]);
  });

  test("runs once, however many deliveries come", async () => {
    @handler()
    class Counted extends WebhookHandler {
      constructor(_mailer: Mailer) {
        super();
        noting("constructed");
      }
      execute(): void {}
    }
    const { push } = harness({ handlers: [Counted] });
    await push();
    await push();
    expect(seen).toEqual(["constructed"]);
  });

  test("of a subclass inherits what @handler said", async () => {
    @handler({ events: "issues", order: 3 })
    class Base extends WebhookHandler {
      execute(): void {
        noting("ran");
      }
    }
    class Sub extends Base {}
    const { push } = harness({ handlers: [Sub] });
    await push();
    expect(seen).toEqual([]);
    await push({ event: "issues" });
    expect(seen).toEqual(["ran"]);
  });

  test("works where @handler is a plain function", async () => {
    class Plain extends WebhookHandler {
      execute(context: WebhookHandlerContext): void {
        noting(context.events);
      }
    }
    handler({ events: "push" })(Plain);
    await harness({ handlers: [Plain] }).push();
    expect(seen).toEqual([["push"]]);
  });
});

describe("a missing dependency", () => {
  interface Missing {
    readonly x: string;
  }

  test.each<HandlerOptions>([{}, { lifetime: "delivery" }])("shows at start-up and names the handler by position: %j", (options) => {
    @handler()
    class Fine extends WebhookHandler {
      execute(): void {}
    }
    @handler(options)
    class Broken extends WebhookHandler {
      constructor(@inject("nobody-registered-this") readonly missing: Missing) {
        super();
      }
      execute(): void {}
    }
    const { webhooks } = harness({ handlers: [Fine, Broken] });
    expect(() => webhooks.routes()).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringContaining("handlers[1] (Broken)") }),
    );
  });

  test("of a constructor that throws shows at start-up too", () => {
    @handler()
    class Throws extends WebhookHandler {
      constructor() {
        super();
        throw new Error("no");
      }
      execute(): void {}
    }
    expect(() => harness({ handlers: [Throws] }).webhooks.routes()).toThrow(expect.objectContaining({ code: "invalid_options" }));
  });

  test("is a 500 that is logged as an error where nobody called routes()", async () => {
    @handler()
    class Broken extends WebhookHandler {
      constructor(@inject("nobody-registered-this") readonly missing: Missing) {
        super();
      }
      execute(): void {}
    }
    const { push, log } = harness({ handlers: [Broken] });
    expect((await push()).status).toBe(500);
    expect(log.complaints).toHaveLength(1);
  });
});

describe("containers", () => {
  test("none is made for a delivery when nothing needs one", async () => {
    @handler()
    class Plain extends WebhookHandler {
      execute(): void {}
    }
    const scope = container.createChildContainer();
    const { push, webhooks } = harness({ container: scope, handlers: [Plain] });
    webhooks.routes();
    const made = jest.spyOn(scope, "createChildContainer");
    await push();
    await push();
    expect(made).not.toHaveBeenCalled();
  });

  test("one is made for a delivery where a handler needs it, not one for each handler", async () => {
    @handler({ lifetime: "delivery" })
    class First extends WebhookHandler {
      execute(): void {}
    }
    @handler({ lifetime: "delivery" })
    class Second extends WebhookHandler {
      execute(): void {}
    }
    const scope = container.createChildContainer();
    const { push, webhooks } = harness({ container: scope, handlers: [First, Second] });
    webhooks.routes();
    const made = jest.spyOn(scope, "createChildContainer");
    await push();
    expect(made).toHaveBeenCalledTimes(1);
  });

  test("the given one is used, so that its registrations are found", async () => {
    class Mailer {}
    class Fake extends Mailer {}
    @handler()
    class Notify extends WebhookHandler {
      constructor(private readonly mailer: Mailer) {
        super();
      }
      execute(): void {
        noting(this.mailer);
      }
    }
    const scope = container.createChildContainer();
    scope.register(Mailer, { useClass: Fake });
    await harness({ container: scope, handlers: [Notify] }).push();
    expect(seen).toEqual([expect.any(Fake)]);
  });

  test("nothing of ours is left in the global one", async () => {
    @handler()
    class Left extends WebhookHandler {
      execute(): void {}
    }
    await harness({ handlers: [Left] }).push();
    expect(container.isRegistered(Left, true)).toBe(false);
  });

  test("a handler that the user registered as a singleton is that singleton", async () => {
    @singleton()
    @handler()
    class Shared extends WebhookHandler {
      execute(): void {
        noting(this);
      }
    }
    await harness({ handlers: [Shared] }).push();
    expect(seen).toEqual([container.resolve(Shared)]);
  });
});
