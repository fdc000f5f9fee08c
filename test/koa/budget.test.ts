import { describe, expect, test } from "@jest/globals";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";
import { gate, until } from "../support/until.ts";

const path = "/api/webhooks/incoming/github";

describe("a request that the budget refuses", () => {
  /** An app whose only place is taken, and a connection to it. */
  async function fullApp(listen: Parameters<typeof startApp>[0] = {}) {
    const hold = gate();
    const handled: unknown[] = [];
    const first = step(async ({ deliveryId }) => {
      handled.push(deliveryId);
      if (deliveryId === "first") await hold.opened;
    });
    const app = await startApp({ ...listen, webhooks: { limits: { maxRequestsInFlight: 1 }, handlers: [first] } });
    const holding = app.post({ deliveryId: "first" });
    await until(() => handled.length === 1);
    const free = async (): Promise<void> => {
      hold.open();
      await holding;
    };
    return { ...app, free, handled, connection: await openConnection(app.server.port) };
  }

  test("keeps its connection, and the next one on it is served", async () => {
    const { connection, free, handled } = await fullApp();
    const [refused, next] = [signedPush({ deliveryId: "refused" }), signedPush({ deliveryId: "next" })];
    connection.write(rawRequest(path, refused.headers, refused.body));
    expect((await connection.answer()).headers["connection"]).toBe("keep-alive");
    await free();
    connection.write(rawRequest(path, next.headers, next.body));
    expect((await connection.answers(2)).map(({ status }) => status)).toEqual([503, 200]);
    expect(handled).toEqual(["first", "next"]);
  });

  test("keeps it also if the rest of its body comes after the answer, which is not taken for a request", async () => {
    const { connection, free, handled } = await fullApp();
    const [inner, next] = [signedPush({ deliveryId: "inner" }), signedPush({ deliveryId: "next" })];
    const body = rawRequest(path, inner.headers, inner.body);
    connection.write(rawRequest(path, { "content-length": String(body.length) }));
    expect(await connection.answer()).toMatchObject({ status: 503, headers: { connection: "keep-alive" } });
    await free();
    connection.write(Buffer.concat([body, rawRequest(path, next.headers, next.body)]));
    expect((await connection.answers(2)).map(({ status }) => status)).toEqual([503, 200]);
    expect(handled).toEqual(["first", "next"]);
  });

  test.each([
    ["of more than 64 KiB", { "content-length": "65537" }],
    ["of unknown length", { "transfer-encoding": "chunked" }],
    ["that waits for leave to be sent", { "content-length": "5", expect: "100-continue" }],
  ])("loses it with a body %s that has not come", async (_what, headers) => {
    const { connection, free } = await fullApp();
    connection.write(rawRequest(path, headers));
    const [answer] = await connection.closed();
    expect(answer).toMatchObject({ status: 503, headers: { connection: "close" } });
    await free();
  });

  test("loses it where more than half of all connections are open", async () => {
    const { connection, free } = await fullApp({ listen: { maxConnections: 3 } });
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, headers, body));
    const [answer] = await connection.closed();
    expect(answer).toMatchObject({ status: 503, headers: { connection: "close" } });
    await free();
  });

  test("is logged once, however many follow", async () => {
    const { connection, free, log, post } = await fullApp();
    const { headers, body } = signedPush();
    for (let sent = 1; sent <= 3; sent++) {
      connection.write(rawRequest(path, headers, body));
      await connection.answers(sent);
    }
    expect(log.codes).toEqual(["overloaded"]);
    await free();
    expect((await post()).status).toBe(200);
  });
});
