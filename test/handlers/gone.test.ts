import { expect, test } from "@jest/globals";
import { handler, WebhookHandler } from "hookwright";
import { GoneHandler, goneIds } from "hookwright/handlers/gone";
import { harness, secret } from "../support/harness.ts";
import { container } from "../support/tsyringe.ts";

function withRetired(...ids: readonly string[]) {
  const seen: string[] = [];

  @handler({ order: -1_000_000 })
  class Later extends WebhookHandler {
    execute(): void {
      seen.push("later");
    }
  }

  const scope = container.createChildContainer();
  scope.registerInstance(goneIds, ids);
  const parts = harness({ container: scope, handlers: [Later, GoneHandler], secrets: { github: { default: secret, "old-shop": secret } } });
  return { ...parts, seen };
}

test("a retired id is answered 410", async () => {
  const { push } = withRetired("old-shop");
  expect((await push({ path: "/old-shop" })).status).toBe(410);
});

test("no other handler runs for a retired id, however early its order", async () => {
  const { push, seen } = withRetired("old-shop");
  await push({ path: "/old-shop" });
  expect(seen).toEqual([]);
});

test("ids compare without case", async () => {
  const { push } = withRetired("Old-Shop");
  expect((await push({ path: "/OLD-shop" })).status).toBe(410);
});

test("other ids go on to the next handler", async () => {
  const { push, seen } = withRetired("old-shop");
  expect((await push()).status).toBe(200);
  expect(seen).toEqual(["later"]);
});

test("a missing list of ids shows at start-up", () => {
  const { webhooks } = harness({ handlers: [GoneHandler] });
  expect(() => webhooks.routes()).toThrow(expect.objectContaining({ code: "invalid_options" }));
});
