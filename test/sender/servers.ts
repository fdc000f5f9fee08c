import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { createGuardedClient, type GuardedClient, type GuardedClientOptions } from "../../src/sender/guarded-client.ts";
import { afterThisTest } from "../support/harness.ts";
import { certificate, certificateKey } from "./certificate.ts";

/** A server on this machine, and how often it was connected to. */
export interface TestServer {
  readonly port: number;
  readonly connections: number;
}

/** Starts an HTTP server that ends with the test. */
export function serveHttp(listener: RequestListener, address = "127.0.0.1", port = 0): Promise<TestServer> {
  return listening(createServer(listener), address, port);
}

/** Starts an HTTPS server with the certificate of the tests. */
export function serveHttps(listener: RequestListener, options: TlsOptions = {}): Promise<TestServer> {
  return listening(createHttpsServer({ cert: certificate, key: certificateKey, ...options }, listener), "127.0.0.1", 0);
}

/** Starts a server that says whatever the test wants. */
export function serveRaw(talk: (socket: Socket) => void): Promise<TestServer> {
  return listening(createTcpServer(talk), "127.0.0.1", 0);
}

/** A client that may speak to servers of this machine, over HTTP too. */
export function localClient({ port }: TestServer, options: GuardedClientOptions = {}): GuardedClient {
  return createGuardedClient({ allow: ["127.0.0.1/32"], allowHttp: true, ports: [port], ...options });
}

/** The code that a request rejects with, or its status. */
export async function outcomeOf(request: Promise<{ readonly status: number }>): Promise<unknown> {
  return request.then(
    ({ status }) => status,
    (error) => error.code ?? error,
  );
}

async function listening(server: Server | NetServer, address: string, port: number): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  afterThisTest(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
  };
}
