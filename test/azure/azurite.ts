import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./node_modules/azurite/dist/src/queue/main.js", import.meta.url));

/** The emulator's queue service, in a process of its own. */
export interface Azurite {
  readonly connection: string;
  readonly accountKey: string;
  readonly port: number;
  /** Starts it again, empty. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its directory. */
  remove(): Promise<void>;
}

/** An emulator with an account of its own, on a free port, started. It keeps everything in memory. */
export async function startAzurite(): Promise<Azurite> {
  const directory = await mkdtemp(join(tmpdir(), "hookwright-azurite-"));
  const port = await freePort();
  const accountKey = randomBytes(64).toString("base64");
  const endpoint = `http://127.0.0.1:${port}/hookwright`;
  let child: ChildProcess | undefined;
  const azurite: Azurite = {
    connection: `DefaultEndpointsProtocol=http;AccountName=hookwright;AccountKey=${accountKey};QueueEndpoint=${endpoint};`,
    accountKey,
    port,
    async start() {
      const options = ["--inMemoryPersistence", "--queuePort", String(port), "--skipApiVersionCheck", "--disableTelemetry", "--silent"];
      const env = { ...process.env, AZURITE_ACCOUNTS: `hookwright:${accountKey}` };
      child = spawn(process.execPath, ["--disable-warning=DEP0040", program, ...options], {
        cwd: directory,
        env,
        stdio: ["ignore", "ignore", "inherit"],
      });
      await untilListening(port, child);
    },
    async stop() {
      if (!child || child.exitCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
      child = undefined;
    },
    async remove() {
      await azurite.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await azurite.start();
  return azurite;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`Azurite ended with exit code ${child.exitCode}.`);
    const socket = connect(port, "127.0.0.1");
    const isListening = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (isListening) return;
    await delay(100);
  }
  throw new Error("Azurite does not listen.");
}
