import { describe, expect, test } from "@jest/globals";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { signedPush } from "../support/harness.ts";
import { openConnection, type RawConnection, rawRequest } from "../support/raw-connection.ts";
import { until } from "../support/until.ts";

const path = "/api/webhooks/incoming/github";
const limitMs = 300;

/** How long a connection stays open from now on. */
async function msUntilClosed(connection: RawConnection): Promise<number> {
  const start = performance.now();
  await connection.closed();
  return performance.now() - start;
}

/** At the limit at the earliest, and within a second of it; some more for a busy machine. */
function expectAtLimit(ms: number): void {
  expect(ms).toBeGreaterThan(limitMs - 50);
  expect(ms).toBeLessThan(limitMs + 1_000 + 2_000);
}

describe("a time-out acts within a second of its limit", () => {
  test("on a connection that sends nothing", async () => {
    const { server } = await startApp({ listen: { headersTimeoutMs: limitMs } });
    expectAtLimit(await msUntilClosed(await openConnection(server.port)));
  });

  test("on headers that drip", async () => {
    const { server } = await startApp({ listen: { headersTimeoutMs: limitMs } });
    const connection = await openConnection(server.port);
    connection.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n`);
    const drip = setInterval(() => connection.write("X-A: b\r\n"), 20);
    expectAtLimit(await msUntilClosed(connection));
    clearInterval(drip);
    expect(connection.received).toMatch(/^HTTP\/1.1 408 /);
  });

  test("on a body that drips", async () => {
    const { server, webhooks, app } = await startApp({ listen: { requestTimeoutMs: limitMs }, webhooks: { handlers: [step(() => {})] } });
    app.silent = true;
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { ...signedPush().headers, "content-length": "10000" }));
    const drip = setInterval(() => connection.write("x"), 20);
    expectAtLimit(await msUntilClosed(connection));
    clearInterval(drip);
    expect(webhooks.counts()).toMatchObject({ handled: 0 });
  });

  test("on a connection that idles between two requests", async () => {
    const { server } = await startApp({ listen: { idleTimeoutMs: limitMs } });
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, headers, body));
    await connection.answer();
    expectAtLimit(await msUntilClosed(connection));
  });

  test("but not on a handler that runs longer", async () => {
    const end = performance.now() + 1_200;
    const { post } = await startApp({
      listen: { requestTimeoutMs: limitMs, headersTimeoutMs: limitMs, idleTimeoutMs: limitMs },
      webhooks: { handlers: [step(() => until(() => performance.now() > end))] },
    });
    expect((await post()).status).toBe(200);
  });

  test("on 200 silent connections, and a good client is served meanwhile", async () => {
    const { server, post } = await startApp({ listen: { headersTimeoutMs: limitMs } });
    const silent = await Promise.all(Array.from({ length: 200 }, () => openConnection(server.port)));
    expect((await post()).status).toBe(200);
    await until(() => silent.every((connection) => connection.isClosed));
  });
});

describe("the number of connections", () => {
  test("is limited; the extra ones are closed, and it recovers", async () => {
    const { server, url } = await startApp({ listen: { maxConnections: 2 } });
    const [one, two, three] = [await openConnection(server.port), await openConnection(server.port), await openConnection(server.port)];
    await until(() => three.isClosed);
    expect([one.isClosed, two.isClosed]).toEqual([false, false]);
    one.socket.destroy();
    two.socket.destroy();
    const { headers, body } = signedPush();
    await until(async () => {
      const answer = await fetch(url, { method: "POST", headers: { ...headers, connection: "close" }, body: new Uint8Array(body) }).catch(
        () => undefined,
      );
      return answer?.status === 200;
    });
  });
});

test("a port that is taken rejects listen()", async () => {
  const { server } = await startApp();
  await expect(startApp({ listen: { port: server.port } })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a request that is no HTTP does not disturb an answer on another connection", async () => {
  const { server, post } = await startApp();
  const bad = await openConnection(server.port);
  bad.write("\0\0\0\0\r\n\r\n");
  expect((await post()).status).toBe(200);
  expect((await bad.closed()).map(({ status }) => status)).toEqual([400]);
});
