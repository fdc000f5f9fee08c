// The client, in a process of its own: raw sockets, requests prepared as bytes, so that it costs little beside the server.
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { type BodyName, bodies, deliveryIdMark, headersOf } from "./payloads.ts";
import { path } from "./variants-path.ts";

/** What the parent asks for. */
export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  readonly body: BodyName;
  readonly milliseconds: number;
}

/** What it is told. */
export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  readonly latencies: readonly number[];
}

process.on("message", (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result));
});

async function run(order: LoadOrder): Promise<LoadResult> {
  const body = bodies[order.body];
  const head = `POST ${path} HTTP/1.1\r\n${Object.entries(headersOf(body))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;
  const request = Buffer.concat([Buffer.from(head), body]);
  const mark = request.indexOf(deliveryIdMark);
  const result = { requests: 0, failures: 0, seconds: 0, latencies: [] as number[] };
  const start = performance.now();
  const end = start + order.milliseconds;
  await Promise.all(Array.from({ length: order.connections }, () => drive(order.port, Buffer.from(request), mark, end, result)));
  result.seconds = (performance.now() - start) / 1000;
  return result;
}

function drive(
  port: number,
  request: Buffer,
  mark: number,
  end: number,
  result: { requests: number; failures: number; latencies: number[] },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let sentAt = 0;
    const send = (): void => {
      request.write(randomUUID(), mark, "latin1");
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("connect", send);
    socket.on("error", reject);
    // Answers are short and come in one piece; anything else counts as a failure and is seen.
    socket.on("data", (data) => {
      const now = performance.now();
      if (data.toString("latin1", 9, 12) === "200") result.requests++;
      else result.failures++;
      result.latencies.push(now - sentAt);
      if (now < end) send();
      else {
        socket.destroy();
        resolve();
      }
    });
  });
}
