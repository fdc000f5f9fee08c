import { describe, expect, jest, test } from "@jest/globals";
import { memoryQueue } from "hookwright/testing";
import Koa from "koa";
import { startApp } from "../support/app.ts";
import { queueStep, step } from "../support/handlers.ts";
import { afterThisTest, harness, signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";
import { gate, until } from "../support/until.ts";

const path = "/api/webhooks/incoming/github";

describe("health", () => {
  test("is told at /healthz and /readyz", async () => {
    const { base } = await startApp();
    const answers = await Promise.all([fetch(`${base}/healthz`), fetch(`${base}/readyz`)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("says nothing about what is inside", async () => {
    const { base } = await startApp();
    const answer = await fetch(`${base}/readyz`);
    expect([await answer.json(), answer.headers.get("cache-control")]).toEqual([{ status: "ok" }, "no-store"]);
  });

  test("may stand elsewhere, or nowhere", async () => {
    const moved = await startApp({ listen: { health: { live: "/live" } } });
    expect([
      (await fetch(`${moved.base}/live`)).status,
      (await fetch(`${moved.base}/readyz`)).status,
      (await fetch(`${moved.base}/healthz`)).status,
    ]).toEqual([200, 200, 404]);
    const none = await startApp({ listen: { health: false } });
    expect((await fetch(`${none.base}/healthz`)).status).toBe(404);
  });

  test("is not ready while the queue's engine does not answer, and alive all the same", async () => {
    const queue = memoryQueue();
    const { base } = await startApp({ webhooks: { queue, handlers: [queueStep()] } });
    jest.spyOn(queue, "claim").mockRejectedValue(new Error("engine down"));
    await until(async () => (await fetch(`${base}/readyz`)).status === 503);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });
});

describe("close()", () => {
  test("lets a request that is under way finish, and tells its client to close the connection", async () => {
    const hold = gate();
    let runs = 0;
    const { server } = await startApp({
      listen: { graceMs: 5_000 },
      webhooks: {
        handlers: [
          step(() => {
            runs++;
            return hold.opened;
          }),
        ],
      },
    });
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, headers, body));
    await until(() => runs === 1);
    const closed = server.close();
    hold.open();
    const [answer] = await connection.closed();
    expect([answer?.status, answer?.headers["connection"]]).toEqual([200, "close"]);
    expect(await closed).toBe(true);
  });

  test("refuses new connections", async () => {
    const hold = gate();
    let runs = 0;
    const { server, post } = await startApp({
      listen: { graceMs: 5_000 },
      webhooks: {
        handlers: [
          step(() => {
            runs++;
            return hold.opened;
          }),
        ],
      },
    });
    const first = post();
    await until(() => runs === 1);
    const closed = server.close();
    const late = await openConnection(server.port);
    await until(() => late.isClosed);
    expect(late.received).toBe("");
    hold.open();
    expect((await first).status).toBe(200);
    await closed;
  });

  test("closes connections that idle", async () => {
    const { server } = await startApp({ listen: { graceMs: 5_000 } });
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, headers, body));
    await connection.answer();
    expect(await server.close()).toBe(true);
    await connection.closed();
  });

  test("says false, and cuts, where a request outlasts the grace", async () => {
    const hold = gate();
    let runs = 0;
    let signal: AbortSignal | undefined;
    const { server, post } = await startApp({
      listen: { graceMs: 200 },
      webhooks: {
        handlers: [
          step((context) => {
            runs++;
            signal = context.signal;
            return hold.opened;
          }),
        ],
      },
    });
    const cut = post().catch(() => "cut");
    await until(() => runs === 1);
    expect(await server.close()).toBe(false);
    expect([await cut, signal?.aborted]).toEqual(["cut", true]);
    hold.open();
  });

  test("aborts the signals of handlers shortly before, so that they can still answer", async () => {
    let runs = 0;
    const untilAborted = step((context) => {
      runs++;
      return new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
    });
    const { server, post } = await startApp({ listen: { graceMs: 300 }, webhooks: { handlers: [untilAborted] } });
    const answer = post();
    await until(() => runs === 1);
    expect(await server.close()).toBe(true);
    expect((await answer).status).toBe(200);
  });

  test("lets a job that runs finish", async () => {
    const hold = gate();
    const progress: string[] = [];
    const { server, post, queue } = await startApp({
      listen: { graceMs: 5_000 },
      webhooks: {
        handlers: [
          queueStep({
            process: async () => {
              progress.push("began");
              await hold.opened;
              progress.push("ended");
            },
          }),
        ],
      },
    });
    jest.spyOn(queue, "close").mockImplementation(async () => void progress.push("queue closed"));
    await post();
    await until(() => progress.length === 1);
    const closed = server.close();
    hold.open();
    expect([await closed, progress]).toEqual([true, ["began", "ended", "queue closed"]]);
  });

  test("takes one grace for requests and jobs together", async () => {
    const hold = gate();
    let runs = 0;
    const busy = (): Promise<void> => {
      runs++;
      return hold.opened;
    };
    const { server, post } = await startApp({
      listen: { graceMs: 1_500 },
      webhooks: { handlers: [queueStep({ process: busy }), step(busy, { events: ["watch"] })] },
    });
    post({ deliveryId: "a job" }).catch(() => {});
    await until(() => runs === 1);
    post({ deliveryId: "a request", event: "watch" }).catch(() => {});
    await until(() => runs === 2);
    const start = performance.now();
    expect(await server.close()).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_700);
    hold.open();
  });

  test("may be called twice", async () => {
    const { server } = await startApp();
    expect(await Promise.all([server.close(), server.close()])).toEqual([true, true]);
  });

  test("leaves no signal handler behind", async () => {
    const before = process.listenerCount("SIGTERM");
    const { server } = await startApp({ listen: { signals: true } });
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    await server.close();
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});

test("readiness is gone while the server stops", async () => {
  const hold = gate();
  let runs = 0;
  const { server, post } = await startApp({
    listen: { graceMs: 5_000 },
    webhooks: {
      handlers: [
        step(() => {
          runs++;
          return hold.opened;
        }),
      ],
    },
  });
  const first = post();
  await until(() => runs === 1);
  const kept = await openConnection(server.port);
  kept.write("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b");
  const closed = server.close();
  kept.write("\r\n\r\n");
  const [answer] = await kept.closed();
  expect([undefined, "close"]).toContain(answer?.headers["connection"]);
  hold.open();
  await first;
  await closed;
});

test("listen() without mounted routes is one warning", async () => {
  const { webhooks, log } = harness();
  const server = await webhooks.listen(new Koa(), { port: 0, host: "127.0.0.1", signals: false });
  afterThisTest(() => server.close());
  expect(log.complaints).toHaveLength(1);
});

test("listen() whose queue cannot be opened rejects and leaves nothing listening", async () => {
  const queue = memoryQueue();
  await queue.close();
  await expect(startApp({ webhooks: { queue, handlers: [queueStep()] } })).rejects.toMatchObject({ code: "closed" });
});
