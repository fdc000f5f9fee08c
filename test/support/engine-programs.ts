import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** A server that can be run privately. */
export type EngineName = "postgres" | "redis" | "nats" | "rabbitmq";

/** The user that a server runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Where a private server lives. */
export interface EnginePlace {
  readonly binary: string;
  readonly directory: string;
  /** The first is the one that clients use. */
  readonly ports: readonly [number, ...number[]];
  readonly owner: Owner | undefined;
}

/** What to run. */
export interface EngineCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** How a server is run: in the foreground, durable to the disk, on 127.0.0.1 only. */
export interface EngineProgram {
  /** Where its program is, if it is installed. */
  find(): string | undefined;
  readonly refusesRoot?: boolean;
  prepare?(place: EnginePlace): Promise<void>;
  command(place: EnginePlace): EngineCommand;
  /** What must run beside it, from its first start to the end. */
  companion?(place: EnginePlace): EngineCommand;
  connection(ports: EnginePlace["ports"]): string;
  /** What is said to it first, and whether the answer means that it is ready. */
  readonly question: Uint8Array | string;
  isReady(answer: Buffer): boolean;
  readonly stopSignal: NodeJS.Signals;
}

const run = promisify(execFile);

const postgres: EngineProgram = {
  find: () => findBinary("postgres", postgresFolders()),
  refusesRoot: true,
  prepare: async ({ binary, directory, owner }) => {
    const args = ["-D", join(directory, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
    await run(join(dirname(binary), "initdb"), args, { cwd: "/", ...owner });
  },
  command: ({ binary, directory, ports: [port] }) => ({
    file: binary,
    args: [
      ...["-D", join(directory, "data"), "-p", String(port), "-k", directory, "-c", "listen_addresses=127.0.0.1"],
      ...["-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=200"],
    ],
  }),
  connection: ([port]) => `postgres://postgres@127.0.0.1:${port}/postgres`,
  question: postgresStartup("postgres"),
  isReady: (answer) => answer.toString("latin1", 0, 1) === "R",
  stopSignal: "SIGINT", // fast: it ends the sessions that there are
};

const redis: EngineProgram = {
  find: () => findBinary("redis-server"),
  command: ({ binary, directory, ports: [port] }) => ({
    file: binary,
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""],
      ...["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"],
    ],
  }),
  connection: ([port]) => `redis://127.0.0.1:${port}`,
  question: "PING\r\n",
  isReady: (answer) => answer.toString().startsWith("+PONG"), // not -LOADING
  stopSignal: "SIGTERM",
};

const nats: EngineProgram = {
  find: () => findBinary("nats-server"),
  command: ({ binary, directory, ports: [port] }) => ({
    file: binary,
    args: ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", join(directory, "jetstream")],
  }),
  connection: ([port]) => `nats://127.0.0.1:${port}`,
  question: "",
  isReady: (answer) => answer.toString().startsWith("INFO"),
  stopSignal: "SIGTERM",
};

const rabbitmq: EngineProgram = {
  // Not the `rabbitmq-server` of a distribution, which may change the user and the environment first.
  find: () =>
    findBinary("epmd") ? findBinary("rabbitmq-server", ["/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", ...searchPath()]) : undefined,
  prepare: async ({ directory, ports: [port] }) => {
    await writeFile(join(directory, "rabbitmq.conf"), `listeners.tcp.private = 127.0.0.1:${port}\nlog.console = false\n`);
    await writeFile(join(directory, "enabled_plugins"), "[].");
  },
  command: ({ binary, directory, ports: [port, epmdPort, distributionPort] }) => ({
    file: binary,
    args: [],
    env: {
      ...{ PATH: process.env["PATH"], HOME: directory, LANG: "C.UTF-8" },
      ...{ ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: "127.0.0.1" },
      ERL_FLAGS: "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
      RUNNING_UNDER_SYSTEMD: "true", // the server takes the place of its start script, so that signals reach it
      RABBITMQ_NODENAME: `hookwright-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_MNESIA_BASE: join(directory, "mnesia"),
      RABBITMQ_LOG_BASE: join(directory, "log"),
      RABBITMQ_CONF_ENV_FILE: "/dev/null",
      RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
      RABBITMQ_PID_FILE: join(directory, "pid"),
    },
  }),
  companion: ({ ports: [, epmdPort] }) => ({ file: "epmd", args: ["-address", "127.0.0.1", "-port", String(epmdPort)] }),
  connection: ([port]) => `amqp://guest:guest@127.0.0.1:${port}`,
  question: Buffer.from("AMQP\u0000\u0000\u0009\u0001", "latin1"),
  isReady: (answer) => answer[0] === 1, // a method frame: Connection.Start
  stopSignal: "SIGTERM",
};

/** How each server is run. */
export const enginePrograms: Readonly<Record<EngineName, EngineProgram>> = { postgres, redis, nats, rabbitmq };

function searchPath(): readonly string[] {
  return [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
}

function findBinary(name: string, folders: readonly string[] = searchPath()): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A distribution keeps the programs of each version in a folder of its own; the newest comes first. */
function postgresFolders(): readonly string[] {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(root, version, "bin")), ...searchPath()];
  return folders.filter((folder) => existsSync(join(folder, "initdb")));
}

/** The first packet of PostgreSQL's protocol 3.0. */
function postgresStartup(user: string): Buffer {
  const parameters = Buffer.from(`user\0${user}\0database\0${user}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + parameters.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, parameters]);
}
