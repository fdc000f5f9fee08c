import { expect, test } from "@jest/globals";
import { deliveryLogger, LogHandler } from "hookwright/handlers/log";
import { harness, secret } from "../support/harness.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { container } from "../support/tsyringe.ts";

function withLog() {
  const written = new RecordingLogger();
  const scope = container.createChildContainer();
  scope.registerInstance(deliveryLogger, written);
  return { ...harness({ container: scope, handlers: [LogHandler] }), written };
}

test("a verified delivery is one line", async () => {
  const { push, written } = withLog();
  await push({ deliveryId: "d-1", body: '{"a":1}' });
  expect(written.lines).toEqual([
    {
      level: "info",
      message: "delivery received",
      fields: { receiver: "github", id: "default", events: ["push"], deliveryId: "d-1", bytes: 7, secretIndex: 0 },
    },
  ]);
});

test("a delivery whose proof fails is no line", async () => {
  const { push, written } = withLog();
  await push({ secret: `${secret}-other` });
  expect(written.lines).toEqual([]);
});

test("the payload is not in the line", async () => {
  const { push, written } = withLog();
  await push({ body: { card: "4111-1111" } });
  expect(JSON.stringify(written.lines)).not.toContain("4111");
});

test("it answers nothing, so that later handlers run", async () => {
  const { push } = withLog();
  expect(await push()).toMatchObject({ status: 200, body: "" });
});
