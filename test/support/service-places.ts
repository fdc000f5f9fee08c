import { connect } from "node:net";

/** Servers that some suites and benchmarks need, each at its usual local address or where the environment says. */
export const services = {
  postgres: { variable: "HOOKWRIGHT_POSTGRES_URL", usual: "postgres://postgres@127.0.0.1:5432/test", port: 5432 },
  redis: { variable: "HOOKWRIGHT_REDIS_URL", usual: "redis://127.0.0.1:6379", port: 6379 },
  rabbitmq: { variable: "HOOKWRIGHT_RABBITMQ_URL", usual: "amqp://guest:guest@127.0.0.1:5672", port: 5672 },
  nats: { variable: "HOOKWRIGHT_NATS_URL", usual: "nats://127.0.0.1:4222", port: 4222 },
} as const;

/** A server by name. */
export type ServiceName = keyof typeof services;

/** Where a server is. */
export function serviceUrl(name: ServiceName): string {
  const { variable, usual } = services[name];
  return process.env[variable] ?? usual;
}

/** Whether a server answers at all. In a test file, call it at the top level: `const isThere = await isServiceThere("redis")`. */
export function isServiceThere(name: ServiceName): Promise<boolean> {
  const { hostname, port } = new URL(serviceUrl(name));
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || services[name].port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
