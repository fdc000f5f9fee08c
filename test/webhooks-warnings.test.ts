import { describe, expect, it } from "@jest/globals";
import { handler, WebhookHandler } from "hookwright";
import { harness } from "./support/harness.ts";

function handlerFor(receiver: string) {
  class Step extends WebhookHandler {
    override execute(): void {}
  }
  handler({ receiver })(Step);
  return Step;
}

describe("start-up", () => {
  it("warns of a handler whose receiver is not registered", () => {
    const { webhooks, log } = harness({ handlers: [handlerFor("gitlab")] });
    webhooks.routes();
    expect(log.lines.filter(({ level }) => level === "warn").map(({ fields }) => fields)).toMatchObject([
      { handler: "Step", receivers: ["gitlab"] },
    ]);
  });

  it.each(["github", "GitHub", "*"])("does not warn of a handler for %s", (receiver) => {
    const { webhooks, log } = harness({ handlers: [handlerFor(receiver)] });
    webhooks.routes();
    expect(log.lines).toEqual([]);
  });
});
