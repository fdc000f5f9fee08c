import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@jest/globals";
import { github } from "../../receivers/github.ts";
import { signRequest } from "../../src/testing/sign-request.ts";
import { until } from "../support/until.ts";
import { secret } from "./engines.ts";
import type { LoadResult } from "./load.ts";
import { offer, type RunningApp } from "./processes.ts";

/** A value that so large a part of the sorted ones does not exceed. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** Requests a second that the application takes from as many connections as it can serve at once. */
export async function measureCapacity({ port }: RunningApp, connections: number): Promise<LoadResult & { readonly perSecond: number }> {
  const result = await offer({ port, secret, connections, milliseconds: 1_500, bodyBytes: 7_000 });
  expect(result.other).toEqual({});
  return { ...result, perSecond: result.acceptedCount / result.seconds };
}

/** Expects that exactly what was accepted is worked on, each once, and that nothing is left. */
export async function expectAllWorked(app: RunningApp, accepted: readonly string[]): Promise<void> {
  const expected = new Set(accepted);
  let ids: readonly string[] = [];
  await until(async () => {
    ({ ids } = await app.state());
    return ids.length >= expected.size;
  }, 20_000);
  expect(ids.length).toBe(new Set(ids).size);
  expect(new Set(ids)).toEqual(expected);
}

/** Expects that a trickle gets nothing but 2xx, at the latest five seconds from now. Answers the ids that were accepted, and when it began. */
export async function expectRecovery({ url }: RunningApp): Promise<{ readonly ids: readonly string[]; readonly afterMs: number }> {
  const ids: string[] = [];
  const start = performance.now();
  let afterMs = 0;
  for (let inARow = 0; inARow < 10; ) {
    const deliveryId = randomUUID();
    const { headers, body } = signRequest(github, { secret, event: "push", deliveryId, body: { ref: "refs/heads/main" } });
    const answer = await fetch(`${url}/api/webhooks/incoming/github`, { method: "POST", headers, body: new Uint8Array(body) });
    if (answer.ok) ids.push(deliveryId);
    inARow = answer.ok ? inARow + 1 : 0;
    if (!answer.ok) afterMs = performance.now() - start;
    expect(afterMs).toBeLessThan(process.env["HOOKWRIGHT_OVERLOAD_REPORT"] === undefined ? 20_000 : 5_000); // beside other suites all is slower
    await delay(20);
  }
  return { ids, afterMs };
}

/** Asks for the health while some work is under way; answers every status. */
export async function healthDuring<Result>(
  app: RunningApp,
  work: Promise<Result>,
): Promise<{ readonly result: Result; readonly statuses: number[] }> {
  const statuses: number[] = [];
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const { status } = await fetch(`${app.url}/healthz`, { headers: { connection: "close" }, signal: AbortSignal.timeout(10_000) });
    statuses.push(status);
    await delay(100);
  }
  return { result: await over, statuses };
}
