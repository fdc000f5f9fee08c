import { describe, expect, test } from "@jest/globals";
import { createWebhooks, WebhookHandler } from "hookwright";
import { github } from "hookwright/receivers/github";
import { mailchimp } from "hookwright/receivers/mailchimp";
import { slack } from "hookwright/receivers/slack";
import { stripe } from "hookwright/receivers/stripe";
import { twilio } from "hookwright/receivers/twilio";
import { faultPathsOf, messageOf } from "./support/faults.ts";
import { queueStep, step } from "./support/handlers.ts";
import { secret } from "./support/harness.ts";

describe("options", () => {
  test("that are right throw nothing", () => {
    expect(faultPathsOf({})).toEqual([]);
  });

  test("are checked all at once, each fault with its path", () => {
    const options = {
      recievers: [],
      receivers: [github, stripe, github],
      secrets: { github: "short", strpie: secret },
      handlers: [{}, step(() => {}, { order: 1.5 })],
      prefix: "hooks/",
      publicUrl: "example.com",
      allowHttp: "false",
      limits: { maxBytes: 0, maxByts: 1 },
      settings: { github: { maxBytes: -1 }, gihtub: {} },
      worker: { concurrency: "10" },
      rememberMs: 1,
      keepBodiesMs: 60_000,
      logger: {},
    };
    expect([...faultPathsOf(options)].sort()).toEqual(
      [
        "recievers",
        "receivers[2]",
        "secrets.github",
        "secrets.stripe",
        "secrets.strpie",
        "handlers[0]",
        "handlers[1] (Step).order",
        "prefix",
        "publicUrl",
        "allowHttp",
        "limits.maxBytes",
        "limits.maxByts",
        "settings.github.maxBytes",
        "settings.gihtub",
        "worker.concurrency",
        "rememberMs",
        "keepBodiesMs",
        "logger",
      ].sort(),
    );
  });

  test.each([
    ["options", { recievers: [] }, "receivers"],
    ["options in another case", { publicURL: "https://a.example" }, "publicUrl"],
    ["limits", { limits: { maxDept: 1 } }, "maxDepth"],
    ["settings", { settings: { githb: {} } }, "github"],
    ["one receiver's settings", { settings: { github: { maxbytes: 1 } } }, "maxBytes"],
    ["secrets", { secrets: { github: secret, gitub: secret } }, "github"],
    ["the worker's", { worker: { concurency: 1 } }, "concurrency"],
    ["the back-off's", { worker: { backoff: { baseMS: 1 } } }, "baseMs"],
  ])("a typo in %s is answered with the name that was meant", (_what, options, meant) => {
    expect(messageOf(options)).toContain(`did you mean "${meant}"?`);
  });

  test.each([[undefined], [null], ["github"]])("that are %p throw invalid_options", (options) => {
    expect(() => createWebhooks(options as never)).toThrow(expect.objectContaining({ code: "invalid_options" }));
  });
});

describe("receivers", () => {
  test.each([
    ["none", [], "receivers"],
    ["no list", github, "receivers"],
    ["a name", ["github"], "receivers[0]"],
    ["nothing", [undefined], "receivers[0]"],
    ["an object that no defineReceiver() made", [{ name: "x" }], "receivers[0]"],
    ["the same twice", [github, github], "receivers[1]"],
  ])("%s are a fault", (_what, receivers, path) => {
    expect(faultPathsOf({ receivers, secrets: () => secret })).toContain(path);
  });
});

describe("handlers", () => {
  class NoHandler {}

  test.each([
    ["no list", step(() => {}), "handlers"],
    ["an object", [{}], "handlers[0]"],
    ["nothing", [undefined], "handlers[0]"],
    ["a function", [() => {}], "handlers[0]"],
    ["a class without execute", [NoHandler], "handlers[0]"],
    ["an instance", [new (step(() => {}))()], "handlers[0]"],
    ["the base class", [WebhookHandler], "handlers[0]"],
    ["an order that is no number", [step(() => {}, { order: Number.NaN })], "handlers[0] (Step).order"],
    ["an option that does not exist", [step(() => {}, { event: "push" } as never)], "handlers[0] (Step).event"],
    ["a star inside an event", [step(() => {}, { events: "a.*.b" })], "handlers[0] (Step).events"],
    ["a star behind a letter", [step(() => {}, { events: ["push", "iss*"] })], "handlers[0] (Step).events"],
    ["many stars", [step(() => {}, { events: "*****" })], "handlers[0] (Step).events"],
    ["an empty event", [step(() => {}, { events: "" })], "handlers[0] (Step).events"],
    ["an empty list of events", [step(() => {}, { events: [] })], "handlers[0] (Step).events"],
    ["an empty list of receivers", [step(() => {}, { receiver: [] })], "handlers[0] (Step).receiver"],
    ["a receiver that is none", [step(() => {}, { receiver: [null as never] })], "handlers[0] (Step).receiver"],
    ["an id that is no text", [step(() => {}, { id: 5 as never })], "handlers[0] (Step).id"],
    ["a lifetime that does not exist", [step(() => {}, { lifetime: "request" as never })], "handlers[0] (Step).lifetime"],
    ["an empty name", [queueStep({}, { name: "" })], "handlers[0] (Work).name"],
    ["two queue handlers of one name", [queueStep(), queueStep()], "handlers[1] (Work)"],
  ])("%s is a fault", (_what, handlers, path) => {
    expect(faultPathsOf({ handlers })).toContain(path);
  });

  test("two handlers of one name are fine where neither has jobs", () => {
    expect(faultPathsOf({ handlers: [step(() => {}), step(() => {})] })).toEqual([]);
  });
});

describe("the prefix", () => {
  test.each(["", "/", "hooks", "/hooks/", "//hooks", "/hooks//x", "/hooks?x", "/ho oks", "/:id", "/(a+)+", "/hooks\n", 5])(
    "%p is a fault",
    (prefix) => {
      expect(faultPathsOf({ prefix })).toEqual(["prefix"]);
    },
  );

  test.each(["/hooks", "/a/b-c/v1.0/~d_e"])("%p is fine", (prefix) => {
    expect(faultPathsOf({ prefix })).toEqual([]);
  });

  test("of routes() is checked too", () => {
    const webhooks = createWebhooks({ receivers: [github], secrets: { github: secret } });
    expect(() => webhooks.routes({ prefix: "hooks" })).toThrow(expect.objectContaining({ code: "invalid_options" }));
  });
});

describe("the public URL", () => {
  const signsUrl = { receivers: [twilio], secrets: { twilio: secret } };

  test("is needed where a provider signs the URL", () => {
    expect(faultPathsOf(signsUrl)).toEqual(["publicUrl"]);
  });

  test("of the receiver's own settings is enough", () => {
    expect(faultPathsOf({ ...signsUrl, settings: { twilio: { publicUrl: "https://hooks.example.com" } } })).toEqual([]);
  });

  test.each([
    "hooks.example.com",
    "/hooks",
    "ftp://a.example",
    "https://a.example?x=1",
    "https://user:pw@a.example",
    "https://a.example#x",
    "",
    5,
  ])("%p is a fault", (publicUrl) => {
    expect(faultPathsOf({ ...signsUrl, publicUrl })).toContain("publicUrl");
  });
});

describe("numbers and switches", () => {
  test.each([
    [{ limits: { handlersTimeoutMs: 2 ** 31 } }, "limits.handlersTimeoutMs"],
    [{ limits: { maxKeys: "1000" } }, "limits.maxKeys"],
    [{ limits: { maxDepth: undefined } }, "limits.maxDepth"],
    [{ limits: { maxBytes: Number.POSITIVE_INFINITY } }, "limits.maxBytes"],
    [{ worker: { leaseMs: 0 } }, "worker.leaseMs"],
    [{ worker: { backoff: { baseMs: -1 } } }, "worker.backoff.baseMs"],
    [{ worker: { backoff: 5 } }, "worker.backoff"],
    [{ settings: { github: { toleranceSeconds: 60 } } }, "settings.github.toleranceSeconds"],
    [{ settings: { github: { allowHttp: "true" } } }, "settings.github.allowHttp"],
    [{ settings: { github: { deduplicate: "no" } } }, "settings.github.deduplicate"],
    [{ queue: {} }, "queue"],
    [{ store: null }, "store"],
    [{ clock: Date }, "clock"],
    [{ container: {} }, "container"],
    [{ database: "" }, "database"],
    [{ database: "mysql://app:secret@db/app" }, "database"],
  ])("%j is a fault", (options, path) => {
    expect(faultPathsOf(options)).toContain(path);
  });

  test("deliveries are remembered for longer than their signatures are accepted", () => {
    const options = { receivers: [slack], secrets: { slack: secret }, settings: { slack: { toleranceSeconds: 3600 } } };
    expect(faultPathsOf({ ...options, rememberMs: 3_600_000 })).toEqual(["rememberMs"]);
    expect(faultPathsOf({ ...options, rememberMs: 7_200_000 })).toEqual([]);
  });

  test("deduplication needs a delivery id or a function that makes one", () => {
    const options = { receivers: [mailchimp], secrets: { mailchimp: secret } };
    expect(faultPathsOf({ ...options, settings: { mailchimp: { deduplicate: true } } })).toEqual(["settings.mailchimp.deduplicate"]);
    expect(faultPathsOf({ ...options, settings: { mailchimp: { deduplicate: () => "x" } } })).toEqual([]);
  });
});
