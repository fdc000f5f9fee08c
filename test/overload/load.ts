// The load, in a process of its own: raw sockets and requests prepared as bytes, so that it costs little beside the server.
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { github } from "../../receivers/github.ts";
import { signRequest } from "../../src/testing/sign-request.ts";

/** What the parent asks for. */
export interface LoadOrder {
  readonly port: number;
  readonly secret: string;
  /** Most connections. */
  readonly connections: number;
  readonly milliseconds: number;
  /** Requests a second, sent whether or not earlier ones have been answered. Default: each connection sends when it has its answer. */
  readonly rate?: number;
  /** Whether each request opens a connection of its own. Default false. */
  readonly isFresh?: boolean;
  readonly bodyBytes: number;
  /** What to deliver, each once, instead of ids of its own. */
  readonly ids?: readonly string[];
  /** Of a hundred requests so many repeat the id of an earlier one. */
  readonly duplicates?: number;
  /** Of a hundred requests so many ask for work that fails. */
  readonly failing?: number;
}

/** What it is told. */
export interface LoadResult {
  readonly seconds: number;
  readonly offered: number;
  /** Requests of an open loop that were due when every connection was busy, so that they were not sent. */
  readonly held: number;
  /** Ids of what was answered 2xx, without what asks for failing work. Empty where duplicates are asked for. */
  readonly accepted: readonly string[];
  readonly acceptedCount: number;
  /** Milliseconds from the first byte of the request, or the opening of its own connection, to the answer, sorted. */
  readonly latencies: readonly number[];
  readonly refusedLatencies: readonly number[];
  /** 503 with `Retry-After`. */
  readonly refused: number;
  readonly refusedIds: readonly string[];
  /** Everything else, by what it was: a status, a reset, a close without an answer. */
  readonly other: Readonly<Record<string, number>>;
  readonly connects: number;
}

/** The id that is written over. */
const placeholder = "00000000-0000-4000-8000-000000000000";
const path = "/api/webhooks/incoming/github";
/** An answer that takes longer is none. */
const answerMs = 30_000;
/** A connection that has been idle for longer is not used again: the server says in `Keep-Alive` that it closes it at four seconds. */
const idleMs = 3_000;

process.on("message", (order: LoadOrder) => {
  void new Load(order).run().then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(1)); // the test is gone
process.send?.("ready");

class Load {
  readonly #order: LoadOrder;
  readonly #templates: { readonly push: Template; readonly fork: Template };
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #recent: string[] = [];
  readonly #isCounted: boolean;
  readonly #given: string[] | undefined;
  readonly result = {
    offered: 0,
    held: 0,
    accepted: [] as string[],
    acceptedCount: 0,
    latencies: [] as number[],
    refusedLatencies: [] as number[],
    refused: 0,
    refusedIds: [] as string[],
    other: {} as Record<string, number>,
    connects: 0,
  };
  #endAt = 0;
  #underWay = 0;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#isCounted = order.duplicates !== undefined;
    this.#given = order.ids && [...order.ids];
    this.#templates = { push: template("push", order), fork: template("fork", order) };
  }

  async run(): Promise<LoadResult> {
    const { connections, rate, milliseconds } = this.#order;
    const start = performance.now();
    this.#endAt = start + milliseconds;
    if (rate === undefined) await this.#closedLoop(connections);
    else await this.#openLoop(connections, rate, start);
    const seconds = (performance.now() - start) / 1000;
    await this.#drained();
    for (const connection of this.#all) connection.close();
    const sorted = { latencies: this.result.latencies.sort(ascending), refusedLatencies: this.result.refusedLatencies.sort(ascending) };
    return { ...this.result, ...sorted, seconds };
  }

  /** Every connection asks again as soon as it has its answer. They begin over a second, or the backlog would drop some. */
  async #closedLoop(connections: number): Promise<void> {
    const perTick = Math.ceil(connections / 50);
    for (let opened = 0; opened < connections && !this.#isOver(); ) {
      for (let one = 0; one < perTick && opened < connections && !this.#isOver(); one++, opened++) this.#send(this.#connection());
      await pause(20);
    }
    while (!this.#isOver()) await pause(20);
  }

  #isOver(): boolean {
    return performance.now() >= this.#endAt || this.#given?.length === 0;
  }

  async #openLoop(connections: number, rate: number, start: number): Promise<void> {
    let due = 0;
    for (let now = start; now < this.#endAt; now = performance.now()) {
      for (const target = ((now - start) / 1000) * rate; due < target; due++) {
        const connection = this.#idle.pop() ?? (this.#all.size < connections ? this.#connection() : undefined);
        if (connection) this.#send(connection);
        else this.result.held++;
      }
      await pause(5);
    }
  }

  /** Everything that was sent has an answer, or has none for good. */
  async #drained(): Promise<void> {
    const giveUpAt = performance.now() + answerMs;
    while (this.#underWay > 0 && performance.now() < giveUpAt) await pause(20);
    if (this.#underWay > 0) this.#note("no answer", this.#underWay);
  }

  #connection(): Connection {
    const connection = new Connection(this.#order, () => this.result.connects++);
    this.#all.add(connection);
    return connection;
  }

  #send(connection: Connection): void {
    const { id, isFailing, bytes } = this.#next();
    this.result.offered++;
    this.#underWay++;
    connection.ask(bytes, (answer, tookMs) => {
      this.#underWay--;
      this.#count(answer, tookMs, isFailing ? undefined : id);
      if (this.#isOver()) return;
      if (this.#order.rate === undefined) this.#send(connection);
      else this.#idle.push(connection);
    });
  }

  #next(): { readonly id: string; readonly isFailing: boolean; readonly bytes: Buffer } {
    const { duplicates = 0, failing = 0 } = this.#order;
    const again = Math.random() * 100 < duplicates ? this.#recent[Math.floor(Math.random() * this.#recent.length)] : undefined;
    const id = again ?? this.#given?.pop() ?? randomUUID();
    if (again === undefined && this.#isCounted && this.#recent.push(id) > 200) this.#recent.shift();
    // By the id, so that a copy asks for the same.
    const isFailing = Number.parseInt(id.slice(0, 4), 16) % 100 < failing;
    const { request, mark } = this.#templates[isFailing ? "fork" : "push"];
    const bytes = Buffer.from(request);
    bytes.write(id, mark, "latin1");
    return { id, isFailing, bytes };
  }

  #count({ status, hasRetryAfter, problem }: Answer, tookMs: number, id: string | undefined): void {
    if (status >= 200 && status < 300) {
      this.result.acceptedCount++;
      this.result.latencies.push(tookMs);
      if (id !== undefined && !this.#isCounted) this.result.accepted.push(id);
    } else if (status === 503 && hasRetryAfter) {
      this.result.refused++;
      this.result.refusedLatencies.push(tookMs);
      if (id !== undefined && !this.#isCounted) this.result.refusedIds.push(id);
    } else this.#note(problem ?? String(status), 1);
    if (this.#isCounted && this.result.latencies.length > 100_000) this.result.latencies.length = 0;
  }

  #note(what: string, count: number): void {
    this.result.other[what] = (this.result.other[what] ?? 0) + count;
  }
}

interface Answer {
  readonly status: number;
  readonly hasRetryAfter: boolean;
  readonly problem?: string;
}

/** One connection, one request at a time; opened anew where the server has closed it. */
class Connection {
  readonly #order: LoadOrder;
  readonly #onConnect: () => void;
  #socket: Socket | undefined;
  #text = "";
  #sentAt = 0;
  #answeredAt = 0;
  #settle: ((answer: Answer, tookMs: number) => void) | undefined;

  constructor(order: LoadOrder, onConnect: () => void) {
    this.#order = order;
    this.#onConnect = onConnect;
  }

  ask(request: Buffer, settle: (answer: Answer, tookMs: number) => void): void {
    this.#settle = settle;
    this.#text = "";
    const { isFresh = false } = this.#order;
    this.#sentAt = performance.now();
    if (isFresh || this.#sentAt - this.#answeredAt > idleMs) this.#leave();
    const socket = this.#socket ?? this.#open();
    const write = (): void => {
      if (!isFresh) this.#sentAt = performance.now();
      socket.write(request);
    };
    if (socket.connecting) socket.once("connect", write);
    else write();
  }

  close(): void {
    this.#socket?.destroy();
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.end();
  }

  #open(): Socket {
    this.#onConnect();
    const socket = connect({ port: this.#order.port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    let problem = "closed without an answer";
    socket.on("data", (data) => this.#read(data));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      problem = error.code ?? error.message;
    });
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#end({ status: 0, hasRetryAfter: false, problem });
    });
    return socket;
  }

  /** Answers are short: the head and at most a line. */
  #read(data: Buffer): void {
    this.#text += data.toString("latin1");
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.#text.slice(0, end).toLowerCase();
    if (this.#text.length - end - 4 < Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0)) return;
    // The server is about to close it: the next request would be lost.
    if (/\r\nconnection: *close/.test(head)) this.#leave();
    this.#answeredAt = performance.now();
    this.#end({ status: Number(head.slice(9, 12)), hasRetryAfter: /\r\nretry-after: *\d/.test(head) });
  }

  #end(answer: Answer): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(answer, performance.now() - this.#sentAt);
  }
}

interface Template {
  readonly request: Buffer;
  readonly mark: number;
}

function template(event: string, { secret, bodyBytes }: LoadOrder): Template {
  const frame = JSON.stringify({ ref: "refs/heads/main", filler: "" }).length;
  const filler = "x".repeat(bodyBytes - frame);
  const { headers, body } = signRequest(github, { secret, event, deliveryId: placeholder, body: { ref: "refs/heads/main", filler } });
  const lines = Object.entries({ ...headers, host: "127.0.0.1", "content-length": String(body.length) });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  const request = Buffer.concat([Buffer.from(head, "latin1"), body]);
  return { request, mark: request.indexOf(placeholder) };
}

function ascending(a: number, b: number): number {
  return a - b;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
