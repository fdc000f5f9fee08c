import { describe, expect, test } from "@jest/globals";
import type { WebhooksOptions } from "hookwright";
import { faultPathsOf, messageOf } from "../support/faults.ts";
import { step } from "../support/handlers.ts";
import { harness, secret } from "../support/harness.ts";
import { container, inject, injectable, singleton } from "../support/tsyringe.ts";
import { gate } from "../support/until.ts";

const newer = "not-a-secret-but-long-enough-0002";
const older = "not-a-secret-but-long-enough-0003";

function withSecrets(secrets: WebhooksOptions["secrets"], options: Partial<WebhooksOptions> = {}) {
  const seen: { id: string; secretIndex: number }[] = [];
  const parts = harness({ secrets, handlers: [step(({ id, secretIndex }) => void seen.push({ id, secretIndex }))], ...options });
  return { ...parts, seen };
}

describe("fixed secrets", () => {
  test("as one string serve the URL without an id", async () => {
    const { push, seen } = withSecrets({ github: secret });
    expect((await push()).status).toBe(200);
    expect(seen).toEqual([{ id: "default", secretIndex: 0 }]);
  });

  test("as one string know no other id", async () => {
    expect(await withSecrets({ github: secret }).push({ path: "/acme" })).toMatchObject({ status: 404, body: '{"error":"unknown_id"}' });
  });

  test.each([
    [newer, 0],
    [older, 1],
  ])("as a list say by position which one matched", async (used, secretIndex) => {
    const { push, seen } = withSecrets({ github: [newer, older] });
    expect((await push({ secret: used })).status).toBe(200);
    expect(seen).toEqual([{ id: "default", secretIndex }]);
  });

  test("as a list accept no other secret", async () => {
    expect((await withSecrets({ github: [newer, older] }).push({ secret })).status).toBe(401);
  });

  test("by id serve each id with its own", async () => {
    const { push } = withSecrets({ github: { a: newer, b: older } });
    expect((await push({ path: "/a", secret: newer })).status).toBe(200);
    expect((await push({ path: "/b", secret: newer })).status).toBe(401);
  });

  test.each(["/ACME", "/acme", "/Acme"])("by id are found at %s", async (path) => {
    expect((await withSecrets({ github: { aCme: secret } }).push({ path })).status).toBe(200);
  });

  test.each(["/你好", "/%E4%BD%A0%E5%A5%BD"])("by an id that is not ASCII are found at %s", async (path) => {
    expect((await withSecrets({ github: { 你好: secret } }).push({ path })).status).toBe(200);
  });

  test("by id without `default` do not serve the URL without an id", async () => {
    expect((await withSecrets({ github: { acme: secret } }).push()).status).toBe(404);
  });

  test.each(["/__proto__", "/constructor", "/toString", "/hasOwnProperty"])(
    "have no id that is a member of every object: %s",
    async (path) => {
      expect((await withSecrets({ github: { acme: secret } }).push({ path })).status).toBe(404);
    },
  );

  test("that fit are not enough where the receiver's are others", async () => {
    expect((await withSecrets({ github: newer }).push({ secret: older })).status).toBe(401);
  });
});

describe("faults of fixed secrets", () => {
  const canary = "canary-canary-canary-canary";
  test.each([
    ["nothing for a receiver", {}, "secrets.github"],
    ["an environment variable that is not set", { github: undefined }, "secrets.github"],
    ["null", { github: null }, "secrets.github"],
    ["empty text", { github: "" }, "secrets.github"],
    ["an empty list", { github: [] }, "secrets.github"],
    ["no ids", { github: {} }, "secrets.github"],
    ["a number", { github: 5 }, "secrets.github"],
    ["quotes", { github: `"${canary}"` }, "secrets.github"],
    ["single quotes", { github: `'${canary}'` }, "secrets.github"],
    ["a trailing line break", { github: `${canary}\n` }, "secrets.github"],
    ["a leading blank", { github: ` ${canary}` }, "secrets.github"],
    ["too short a secret", { github: "canary" }, "secrets.github"],
    ["too long a secret", { github: "canary".repeat(1000) }, "secrets.github"],
    ["a fault in a list", { github: [secret, `${canary} `] }, "secrets.github[1]"],
    ["a sixth secret", { github: Array.from({ length: 6 }, (_, index) => `${canary}${index}`) }, "secrets.github[5]"],
    ["a fault of one id", { github: { default: secret, acme: undefined } }, "secrets.github.acme"],
    ["a fault in a list of one id", { github: { acme: [secret, ""] } }, "secrets.github.acme[1]"],
    ["the same id twice", { github: { acme: secret, ACME: secret } }, "secrets.github.ACME"],
    ["an unknown receiver", { github: secret, strip: canary }, "secrets.strip"],
  ])("%s is a fault with its path, and no secret's text", (_what, secrets, path) => {
    expect(faultPathsOf({ secrets })).toEqual([path]);
    expect(messageOf({ secrets })).not.toContain("canary");
  });

  test.each([[undefined], [null], ["text"], [5]])("secrets that are %p are a fault", (secrets) => {
    expect(faultPathsOf({ secrets })).toContain("secrets");
  });
});

describe("a source of secrets", () => {
  test("is asked with the receiver's name and the id in lower case", async () => {
    const asked: (readonly string[])[] = [];
    const { push } = withSecrets({
      github: (...of) => {
        asked.push(of);
        return secret;
      },
    });
    await push({ path: "/ACME" });
    expect(asked).toEqual([["github", "acme"]]);
  });

  test("may be one function for all receivers", async () => {
    expect((await withSecrets(async () => secret).push()).status).toBe(200);
  });

  test("may answer several secrets", async () => {
    const { push, seen } = withSecrets({ github: async () => [newer, secret] });
    await push();
    expect(seen).toEqual([{ id: "default", secretIndex: 1 }]);
  });

  test("may be an object", async () => {
    const vault = {
      held: secret,
      getSecrets() {
        return this.held;
      },
    };
    expect((await withSecrets({ github: vault }).push()).status).toBe(200);
  });

  test("may be a class that the container constructs, once", async () => {
    let constructed = 0;
    @singleton()
    class Vault {
      readonly held = secret;
    }
    @injectable()
    class VaultSecrets {
      constructor(private readonly vault: Vault) {
        constructed++;
      }
      async getSecrets(): Promise<string> {
        return this.vault.held;
      }
    }
    const { push } = withSecrets({ github: VaultSecrets });
    expect((await push()).status).toBe(200);
    expect((await push()).status).toBe(200);
    expect(constructed).toBe(1);
  });

  test("is resolved from the container that is given", async () => {
    @injectable()
    class Held {
      constructor(@inject("held-secret") private readonly held: string) {}
      getSecrets(): string {
        return this.held;
      }
    }
    const scope = container.createChildContainer();
    scope.registerInstance("held-secret", secret);
    expect((await withSecrets(Held, { container: scope }).push()).status).toBe(200);
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["an empty list", []],
  ])("that answers %s is answered 404", async (_what, found) => {
    expect(await withSecrets({ github: () => found }).push()).toMatchObject({ status: 404, body: '{"error":"unknown_id"}' });
  });
});

describe("a source of secrets that fails", () => {
  const failing: readonly (readonly [string, () => unknown])[] = [
    [
      "throws",
      () => {
        throw new Error("vault sealed");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("vault sealed");
      },
    ],
    ["rejects with nothing", () => Promise.reject(undefined)],
    ["answers empty text", () => ""],
    ["answers a list with empty text", () => [secret, ""]],
    ["answers a number", () => 5],
    ["answers a secret in quotes", () => `"${secret}"`],
    ["answers a secret with a line break", () => `${secret}\n`],
    ["answers a secret that is too short", () => "short"],
    ["answers an object", () => ({ secret })],
    ["answers true", () => true],
  ];

  test.each(failing)("(it %s) is answered 503 with Retry-After, and nothing runs", async (_what, source) => {
    const { push, seen } = withSecrets({ github: source as () => string });
    expect(await push()).toMatchObject({
      status: 503,
      headers: { "retry-after": expect.any(String) },
      body: '{"error":"secrets_unavailable"}',
    });
    expect(seen).toEqual([]);
  });

  test("and hangs is answered 503 after the time limit", async () => {
    const { push } = withSecrets({ github: () => new Promise<string>(() => {}) }, { limits: { secretsTimeoutMs: 20 } });
    expect((await push()).status).toBe(503);
  });

  test("late, harms nothing", async () => {
    const late = gate();
    const { push } = withSecrets(
      {
        github: async () => {
          await late.opened;
          throw new Error("late");
        },
      },
      { limits: { secretsTimeoutMs: 20 } },
    );
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    await push();
    late.open();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("is one log line with the cause", async () => {
    const { push, log } = withSecrets({
      github: () => {
        throw new Error("vault sealed");
      },
    });
    await push();
    expect(log.complaints.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ code: "secrets_unavailable", error: "Error: vault sealed" }),
    ]);
  });

  test("is asked again for the next delivery", async () => {
    let asked = 0;
    const { push } = withSecrets({
      github: () => {
        if (asked++ === 0) throw new Error("x");
        return secret;
      },
    });
    await push();
    expect((await push()).status).toBe(200);
  });

  test("because it is a class that cannot be constructed, shows at start-up", () => {
    class NeedsMore {
      constructor(readonly more: unknown) {}
      getSecrets(): string {
        return secret;
      }
    }
    const { webhooks } = harness({ secrets: NeedsMore });
    expect(() => webhooks.routes()).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringContaining("NeedsMore") }),
    );
  });

  test("because it is a class that cannot be constructed, is answered 503", async () => {
    @injectable()
    class Broken {
      constructor(@inject("nothing-registered") readonly missing: unknown) {}
      getSecrets(): string {
        return secret;
      }
    }
    expect((await withSecrets({ github: Broken }).push()).status).toBe(503);
  });
});
