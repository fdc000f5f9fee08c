import type { RedisEngine } from "./redis-engine.ts";
import { encodeId } from "./redis-job.ts";
import { isSettled } from "./redis-settlement.ts";

const batchSize = 1_000;

/** Makes dead letters wait again, with fresh counts; answers how many. */
export function retryDeadLetters(engine: RedisEngine, ids: readonly string[] | "all"): Promise<number> {
  return inBatches(engine, ids, async (jobIds) => {
    const options = { resetAttemptsMade: true, resetAttemptsStarted: true } as const;
    const retry = async (id: string) => {
      await engine.backend.retryFinishedJob({ id, opts: {} }, "failed", options);
      return true;
    };
    const retried = await Promise.all(jobIds.map((id) => isSettled(retry(id)))); // refused where it is no dead letter, or no more
    return retried.filter(Boolean).length;
  });
}

/** Deletes dead letters; answers how many. */
export function purgeDeadLetters(engine: RedisEngine, ids: readonly string[] | "all"): Promise<number> {
  const client = purger(engine);
  const { backend } = engine;
  return inBatches(engine, ids, (jobIds) =>
    client[purgeCommand](backend.toKey("failed"), backend.toKey("events"), backend.toKey(""), ...jobIds),
  );
}

/** Goes through ids, or through as many dead letters as there are at the start: those that come meanwhile are not meant. */
async function inBatches(
  { client, backend }: RedisEngine,
  ids: readonly string[] | "all",
  act: (jobIds: readonly string[]) => Promise<number>,
): Promise<number> {
  const key = backend.toKey("failed");
  const chosen = ids === "all" ? undefined : [...new Set(ids)].map(encodeId);
  const total = chosen?.length ?? (await client.zcard(key));
  let count = 0;
  for (let from = 0; from < total; from += batchSize) {
    const size = Math.min(batchSize, total - from);
    count += await act(chosen?.slice(from, from + size) ?? (await client.zrange(key, 0, size - 1)));
  }
  return count;
}

const purgeCommand = "hookwrightPurge";

/**
 * BullMQ's own removal takes a job from any state, and so could take one that has just been retried, which would be a job lost; its
 * cleaning goes by age and not by id. Hence this script: only a member of the failed set is removed, with all its keys.
 */
const purgeScript = `
  local removed = 0
  for index = 2, #ARGV do
    if redis.call("ZREM", KEYS[1], ARGV[index]) == 1 then
      local key = ARGV[1] .. ARGV[index]
      redis.call("DEL", key, key .. ":logs", key .. ":dependencies", key .. ":processed", key .. ":failed", key .. ":unsuccessful")
      redis.call("XADD", KEYS[2], "MAXLEN", "~", 10000, "*", "event", "removed", "jobId", ARGV[index], "prev", "failed")
      removed = removed + 1
    end
  end
  return removed`;

type Purger = Readonly<Record<typeof purgeCommand, (...keysAndValues: readonly string[]) => Promise<number>>>;

function purger({ client }: RedisEngine): Purger {
  if (!(purgeCommand in client)) client.defineCommand(purgeCommand, { numberOfKeys: 2, lua: purgeScript });
  return client as unknown as Purger;
}
