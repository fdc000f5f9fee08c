import { connect, type Socket } from "node:net";
import { afterThisTest } from "./harness.ts";
import { until } from "./until.ts";

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A socket that says exactly what a test wants, for requests that no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket;
  #received = "";
  #isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      this.#received += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What has been received so far. */
  get received(): string {
    return this.#received;
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** The first `count` answers, once they are complete. */
  async answers(count: number): Promise<readonly RawAnswer[]> {
    await until(() => this.#isClosed || readAnswers(this.#received).length >= count);
    return readAnswers(this.#received);
  }

  /** The first answer. */
  async answer(): Promise<RawAnswer> {
    const [first] = await this.answers(1);
    if (!first) throw new Error(`The connection closed without an answer; received: ${JSON.stringify(this.#received)}`);
    return first;
  }

  /** Resolves when the connection is closed, to all answers that came. */
  async closed(): Promise<readonly RawAnswer[]> {
    await until(() => this.#isClosed);
    return readAnswers(this.#received);
  }
}

/** Opens a connection that is destroyed after the test. */
export async function openConnection(port: number, options: { readonly allowHalfOpen?: boolean } = {}): Promise<RawConnection> {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  const connection = new RawConnection(socket);
  afterThisTest(async () => socket.destroy());
  await until(() => socket.readyState === "open" || connection.isClosed);
  return connection;
}

/** One request as text. A body gets its length, unless the headers say how it is framed. */
export function rawRequest(
  target: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: string | Uint8Array = "",
  method = "POST",
): Buffer {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const framing =
    names.includes("content-length") || names.includes("transfer-encoding") ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const host = names.includes("host") ? {} : { host: "example.test" };
  const lines = Object.entries({ ...host, ...headers, ...framing }).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  );
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);
}

function readAnswers(text: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) break;
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    // Only Node.js itself answers in chunks, and then with none.
    const length = headers["transfer-encoding"] === "chunked" ? "0\r\n\r\n".length : Number(headers["content-length"] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (body.length < length) break;
    answers.push({ status: Number(first.split(" ")[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
