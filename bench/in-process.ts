import { randomUUID } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { median } from "./measure.ts";
import { type BodyName, bodies, deliveryIdMark, headersOf } from "./payloads.ts";
import { round } from "./report.ts";
import { type Variant, type VariantName, variants } from "./variants.ts";
import { path } from "./variants-path.ts";

/** The receive path without sockets: real request and response objects, no network. Repeats within a few per cent. */
export async function inProcess(rounds: number): Promise<void> {
  const names = ["hand-1", "hand-3", "hookwright-1", "hookwright-3", "octokit"] as const;
  for (const body of ["large", "small"] as const) {
    const opened = new Map<VariantName, Variant>(names.map((name) => [name, variants[name]()]));
    const times = new Map<VariantName, number[]>(names.map((name) => [name, []]));
    for (let index = -3; index < rounds; index++) {
      for (const name of shuffle([...names])) {
        const microseconds = await timeOf(opened.get(name) as Variant, body, 200);
        if (index >= 0) times.get(name)?.push(microseconds);
      }
    }
    const base = median(times.get("hand-3") ?? []);
    console.log(
      `\nReceive in process, GitHub push, ${bodies[body].length} bytes (ratio: time of hand-3 divided by this one's; above 1 is better)`,
    );
    console.table(
      Object.fromEntries(
        names.map((name) => [
          name,
          { "µs/request": round(median(times.get(name) ?? [])), ratio: round(base / median(times.get(name) ?? [])) },
        ]),
      ),
    );
    for (const variant of opened.values()) await variant.close();
  }
}

async function timeOf(variant: Variant, body: BodyName, requests: number): Promise<number> {
  const prepared = Array.from({ length: requests }, () => prepare(body));
  const start = process.cpuUsage();
  for (const { request, response, done } of prepared) {
    variant.listener(request, response);
    await done;
    if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`);
  }
  const used = process.cpuUsage(start);
  return (used.user + used.system) / requests;
}

function prepare(body: BodyName) {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: "127.0.0.1" });
  const request = new IncomingMessage(socket);
  request.method = "POST";
  request.url = path;
  request.httpVersion = "1.1";
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  for (const [name, text] of Object.entries(headersOfOnce(body))) {
    const value = text === deliveryIdMark ? randomUUID() : text;
    request.rawHeaders.push(name, value);
    request.headers[name.toLowerCase()] = value;
  }
  request.complete = true;
  request.push(bodies[body]);
  request.push(null);
  const response = new ServerResponse(request);
  response.write = () => true;
  const done = new Promise<void>((resolve) => {
    response.end = ((..._rest: unknown[]) => {
      response.emit("finish");
      resolve();
      return response;
    }) as typeof response.end;
  });
  return { request, response, done };
}

const cached: { [name in BodyName]?: Record<string, string> } = {};

function headersOfOnce(body: BodyName): Record<string, string> {
  cached[body] ??= headersOf(bodies[body]);
  return cached[body];
}

function shuffle<T>(list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
