import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../logger.ts";

/** Limits of the server itself, in milliseconds. They act within a second of their time. */
export interface ServerLimits {
  /** From the opening of a connection, or the first byte of a request, to the end of its headers. Default 10,000. */
  readonly headersTimeoutMs?: number;
  /** To the end of its body. Default 20,000. */
  readonly requestTimeoutMs?: number;
  /** Between two requests on one connection; set it above your load balancer's idle time-out. Default 5,000. */
  readonly idleTimeoutMs?: number;
  /** Open connections. Default 10,000. */
  readonly maxConnections?: number;
}

/** Starts a hardened server. `http.createServer` is called here because the interval of its checks can be set nowhere else. */
export async function startServer(listener: RequestListener, address: { readonly port: number; readonly host?: string }, limits: ServerLimits): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs ?? 10_000,
      requestTimeout: limits.requestTimeoutMs ?? 20_000,
      keepAliveTimeout: limits.idleTimeoutMs ?? 5_000,
      connectionsCheckingInterval: 500,
      maxHeaderSize: 16 * 1024,
    },
    listener,
  );
  server.maxConnections = limits.maxConnections ?? 10_000;
  // No silent dropping of lines: their number is bounded by maxHeaderSize, and counted where they are used.
  server.maxHeadersCount = 0;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(`HTTP/1.1 ${clientErrorStatus(error.code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: address.port, ...(address.host === undefined ? {} : { host: address.host }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server;
}

/** Stops taking connections, lets what is under way finish, and cuts what is left after `graceMs`. True if nothing was cut. */
export async function stopServer(server: Server, graceMs: number, logger: Logger): Promise<boolean> {
  let clean = true;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    clean = false;
    logger.warn({}, "requests did not finish in time and were cut off");
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
  return clean;
}

/** Where a server listens, for a person: `http://localhost:3000`. */
export function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  const host = address === "::" || address === "0.0.0.0" || address === "::1" || address === "127.0.0.1" ? "localhost" : address.includes(":") ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

function clientErrorStatus(code: string | undefined): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
}
