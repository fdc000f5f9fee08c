import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import type { Logger } from "../logger.ts";
import { taken } from "./pressure.ts";

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

/** What a server listens for, and where. */
export interface ServerOptions extends ServerLimits {
  readonly port: number;
  readonly host?: string;
  readonly listener: RequestListener;
  /** Whether every answer from now on ends its connection. */
  readonly isStopping: () => boolean;
}

/** Starts a hardened server. `http.createServer` is called here because the interval of its checks can be set nowhere else. */
export async function startServer({ isStopping, ...options }: ServerOptions): Promise<Server> {
  const listener = inTurn(options.listener);
  const { requestTimeoutMs = 20_000, headersTimeoutMs = Math.min(10_000, requestTimeoutMs), idleTimeoutMs = 5_000 } = options;
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Node.js closes a second later than it tells the client, so that the client stops first.
      keepAliveTimeout: Math.max(1, idleTimeoutMs - 1_000),
      connectionsCheckingInterval: 500,
      maxHeaderSize: 16 * 1024,
      ServerResponse: responseClass((status) => isStopping() || (status === 503 && isCrowded())),
    },
    listener,
  );
  const maxConnections = options.maxConnections ?? 10_000;
  const open = countConnections(server);
  // Half of the places are for clients that have been told to come again and keep their connection until then.
  const isCrowded = (): boolean => open.connections > maxConnections / 2;
  server.on("checkContinue", (request, response) => {
    continueOnRead(request, response);
    listener(request, response);
  });
  server.maxConnections = maxConnections;
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
    server.listen({ port: options.port, backlog, ...(options.host === undefined ? {} : { host: options.host }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return server;
}

/** Connections that the system keeps until they are taken over; it may set a lower limit. Node.js takes one in each turn of its loop. */
const backlog = 4_096;

function countConnections(server: Server): { readonly connections: number } {
  const open = { connections: 0 };
  server.on("connection", (socket) => {
    taken.connections++;
    open.connections++;
    socket.once("close", () => open.connections--);
  });
  server.on("drop", () => taken.connections++);
  return open;
}

/** Answers that tell when it is their turn, and that end their connection where asked to. */
function responseClass(endsConnection: (status: number) => boolean): typeof ServerResponse<IncomingMessage> {
  return class extends ServerResponse<IncomingMessage> {
    override assignSocket(socket: Socket): void {
      super.assignSocket(socket);
      socket.destroySoon = () => (this.req.complete ? closeNow : closeAfterRest).call(socket);
      this.emit("turn");
    }

    override writeHead(status: number, ...rest: unknown[]): this {
      if (endsConnection(status) && !this.headersSent) this.setHeader("connection", "close");
      return Reflect.apply(super.writeHead, this, [status, ...rest]);
    }
  };
}

const closeNow = Socket.prototype.destroySoon;
/** How long the rest of a refused body is thrown away. */
const lingerMs = 2_000;

/**
 * Ends a connection whose client still sends the body of a request that has been answered. Closed at once, the system would reset it,
 * and the client could lose the answer. So the rest is read and thrown away until the client stops, or some time has passed. RFC 9112, 9.6.
 */
function closeAfterRest(this: Socket): void {
  const cut = setTimeout(() => this.destroy(), lingerMs);
  this.once("close", () => clearTimeout(cut));
  this.once("end", closeNow);
  this.end();
  this.resume();
}

/**
 * Lets a request that came behind another on its connection wait for that one's answer. Where that answer ends the
 * connection, nobody would hear of the later request, so it must not run.
 */
function inTurn(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.socket.writableEnded) return;
    if (response.socket) listener(request, response);
    else response.once("turn", () => listener(request, response));
  };
}

/** Asks for the body when somebody begins to read it, so that a client whose request is refused never sends it. */
function continueOnRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read;
  request._read = (size) => {
    request._read = read;
    if (!response.headersSent) response.writeContinue();
    read.call(request, size);
  };
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
  const host =
    address === "::" || address === "0.0.0.0" || address === "::1" || address === "127.0.0.1"
      ? "localhost"
      : address.includes(":")
        ? `[${address}]`
        : address;
  return `http://${host}:${port}`;
}

function clientErrorStatus(code: string | undefined): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
}
