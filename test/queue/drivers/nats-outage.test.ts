import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { natsQueue } from "../../../src/queue/drivers/nats.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { describeWith } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";

const leaseMs = 2_000;
const unavailable = { code: "queue_unavailable" };

describeWith("the program nats-server", isServerInstalled(), "the NATS queue and its server's outages", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let port: number;
  let server: ChildProcess;
  let queue: Queue;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    port = await freePort();
    server = await startServer();
    queue = open();
  });
  afterEach(async () => {
    await queue.close();
    await stopServer();
    await directory.remove();
  });

  const open = (user = "hook:wright") => natsQueue({ connection: `nats://${user}@127.0.0.1:${port}`, timeoutMs: 1_000 });

  async function startServer(): Promise<ChildProcess> {
    const child = spawnServer("wright");
    await until(() => canConnect(port));
    return child;
  }

  function spawnServer(password: string, ...more: readonly string[]): ChildProcess {
    const options = ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", directory.path, "--user", "hook", "--pass", password, ...more];
    return spawn("nats-server", options, { stdio: "ignore" });
  }

  async function stopServer(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }

  /** Takes and acknowledges everything, whatever fails meanwhile, until so many different jobs have been seen. */
  async function drain(ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    let settling: readonly Settlement[] = [];
    await until(async () => {
      const claimed = await queue.claim({ limit: 100, leaseMs, settle: settling }).catch(() => undefined);
      if (!claimed) return false;
      settling = claimed.jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" }));
      for (const { id } of claimed.jobs) seen.add(id);
      return settling.length === 0 && [...ids].every((id) => seen.has(id));
    }, 30_000);
    return seen;
  }

  it("loses no job that was taken on when the server is killed, and goes on by itself", async () => {
    const accepted = new Set<string>();
    let rejected = 0;
    for (let round = 0; round < 3; round++) {
      const sends = Array.from({ length: 300 }, async (_, index) => {
        const id = `${round}/${index}`;
        try {
          await queue.send(newJob(id, { body: Buffer.alloc(2_000) }));
          accepted.add(id);
          if (accepted.size === round * 100 + 50) server.kill("SIGKILL");
        } catch (error) {
          expect(error).toMatchObject(unavailable);
          rejected++;
        }
      });
      await Promise.all(sends);
      if (server.exitCode === null && server.signalCode === null) server.kill("SIGKILL");
      await until(() => server.exitCode !== null || server.signalCode !== null);
      server = await startServer();
      await until(async () => (await queue.send(newJob(`alive-${round}`)).catch(() => "failed")) !== "failed");
      accepted.add(`alive-${round}`);
    }
    expect(accepted.size + rejected).toBe(903);
    const seen = await drain(accepted);
    expect([...accepted].filter((id) => !seen.has(id))).toEqual([]);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
  });

  it("keeps what it knows of a job over a restart", async () => {
    await queue.send(newJob("a"));
    const { jobs } = await queue.claim({ limit: 1, leaseMs });
    const dueAt = new Date(Date.now() + 500);
    await queue.claim({ limit: 0, leaseMs, settle: [{ ...jobs[0]!, outcome: "retry", dueAt, reason: "x" }] });
    await stopServer();
    await expect(queue.claim({ limit: 1, leaseMs })).rejects.toMatchObject(unavailable);
    server = await startServer();
    const again: LeasedJob[] = [];
    await until(async () => {
      again.push(...((await queue.claim({ limit: 1, leaseMs }).catch(() => undefined))?.jobs ?? []));
      return again.length > 0;
    });
    expect(again).toMatchObject([{ id: "a", attempt: 2 }]);
    expect(Date.now()).toBeGreaterThanOrEqual(dueAt.getTime());
  });

  it("settles after an outage what could not be settled in it", async () => {
    await queue.send(newJob("a"));
    const { jobs } = await queue.claim({ limit: 1, leaseMs: 60_000 });
    const settle = jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" }) as const);
    await stopServer();
    await expect(queue.claim({ limit: 0, leaseMs, settle })).rejects.toMatchObject(unavailable);
    server = await startServer();
    await until(async () => (await queue.claim({ limit: 0, leaseMs, settle }).catch(() => undefined))?.lost.length === 0);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
  });

  it("opens one connection for all that call together when the old one has closed for good", async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
    const before = sockets();
    await queue.send(newJob("a"));
    await stopServer();
    const monitorPort = await freePort();
    server = spawnServer("another", "-m", `${monitorPort}`);
    const refused = async () => {
      const answer = await fetch(`http://127.0.0.1:${monitorPort}/varz`).catch(() => undefined);
      return ((await answer?.json()) as { readonly total_connections: number } | undefined)?.total_connections ?? 0;
    };
    await until(async () => (await refused()) >= 2); // the client gives up at the second refusal
    await stopServer();
    server = await startServer();
    await until(() => sockets() === before);
    await until(async () => {
      const lists = await Promise.allSettled(Array.from({ length: 5 }, () => queue.list({ state: "open", limit: 0 })));
      return lists.every((list) => list.status === "fulfilled" && list.value.total === 1);
    }, 20_000);
    await queue.close();
    await until(() => sockets() === before);
  });

  it("closes while the server is gone", async () => {
    await queue.send(newJob("a"));
    await stopServer();
    await queue.close();
    await expect(queue.send(newJob("b"))).rejects.toMatchObject({ code: "closed" });
  });

  it("fails while nothing listens, and works once something does", async () => {
    await stopServer();
    const late = open();
    late.watch(() => {});
    await expect(late.send(newJob("a"))).rejects.toMatchObject(unavailable);
    server = await startServer();
    await late.send(newJob("a"));
    await late.close();
  });

  it("tells no password when it is refused", async () => {
    const refused = open("hook:a-secret-that-must-not-be-told");
    const error = await refused.send(newJob("a")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(unavailable);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("a-secret");
    await refused.close();
  });
});

describe("the NATS queue without a server", () => {
  it("fails in bounded time where nothing answers", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const queue = natsQueue({ connection: `nats://127.0.0.1:${(silent.address() as AddressInfo).port}`, timeoutMs: 200 });
    await expect(queue.claim({ limit: 1, leaseMs })).rejects.toMatchObject(unavailable);
    await queue.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it.each([
    ["a connection string of something else", { connection: "http://secret@host" }],
    ["a name that is no part of a subject", { name: "a.b" }],
    ["more replicas than there are", { replicas: 6 }],
    ["messages too small for a job", { largestMessageBytes: 100 }],
    ["no time to answer", { timeoutMs: 0 }],
  ])("refuses %s, and does not repeat it", (_, options) => {
    expect(() => natsQueue({ connection: "nats://127.0.0.1", ...options })).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.not.stringContaining("secret") }),
    );
  });
});

function isServerInstalled(): boolean {
  try {
    execFileSync("nats-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function canConnect(port: number): Promise<boolean> {
  const probe = natsQueue({ connection: `nats://hook:wright@127.0.0.1:${port}`, name: "probe", timeoutMs: 500 });
  try {
    await probe.list({ state: "open", limit: 0 });
    return true;
  } catch {
    return false;
  } finally {
    await probe.close();
  }
}
