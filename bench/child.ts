import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** A queue that loses a job, say, would have us wait for ever. */
const patienceMs = 60_000;

/** The next message of a child process; rejects when the child ends first, or does not answer within a minute. */
export async function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([answer]) => answer as Answer),
      endOf(child, signal).then(() => fail(`The process of ${name} ended with ${child.signalCode ?? child.exitCode}.`)),
      delay(patienceMs, undefined, { signal }).then(() => fail(`${name} did not answer within ${patienceMs} ms.`)),
    ]);
  } finally {
    over.abort();
  }
}

/** Has a child process stop, in its own way or, when that takes it 15 seconds, by SIGKILL; resolves when it has ended. */
export async function stop(child: ChildProcess): Promise<void> {
  const over = new AbortController();
  const killing = delay(15_000, undefined, { signal: over.signal }).then(
    () => child.kill("SIGKILL"),
    () => false, // it has ended
  );
  if (child.connected) child.send("stop", () => {}); // where it cannot be told, it has just ended
  await endOf(child);
  over.abort();
  await killing;
}

async function endOf(child: ChildProcess, signal?: AbortSignal): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit", signal ? { signal } : {});
}

function fail(message: string): never {
  throw new Error(message);
}
