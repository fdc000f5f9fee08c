import type { JobPage, JobQuery, StoredJob } from "../queue.ts";
import type { RedisEngine } from "./redis-engine.ts";
import { toStoredJob } from "./redis-job.ts";

/** Where BullMQ keeps the ids of a state, those next in turn first. */
interface State {
  readonly name: string;
  readonly kind: "list" | "sorted";
}

/** A job's place, for the page after it. */
interface Place {
  readonly state: State;
  readonly jobId: string;
  /** Its rank in a sorted set; empty in a list. */
  readonly score: string;
}

const states: Readonly<Record<JobQuery["state"], readonly State[]>> = {
  open: [
    { name: "active", kind: "list" },
    { name: "wait", kind: "list" },
    { name: "prioritized", kind: "sorted" },
    { name: "delayed", kind: "sorted" },
  ],
  dead: [{ name: "failed", kind: "sorted" }],
};

/** Lists and counts: what is open by state (held, waiting, delayed), in each oldest first; dead letters by the time of their end. */
export async function listJobs(engine: RedisEngine, { state, limit = 100, after }: JobQuery, now: number): Promise<JobPage> {
  const [counts, places] = await Promise.all([
    engine.backend.getCounts(states[state].map(({ name }) => name)),
    limit > 0 ? findPlaces(engine, states[state], limit + 1, after) : [],
  ]);
  const shown = places.slice(0, limit);
  const jobs = await Promise.all(shown.map((place) => readJob(engine, place, now)));
  const last = shown.at(-1);
  return {
    jobs: jobs.filter((job) => job !== undefined), // one that has just gone is missing
    total: counts.reduce((sum, count) => sum + count, 0),
    ...(last && places.length > limit ? { next: await writeCursor(engine, last) } : {}),
  };
}

async function findPlaces(engine: RedisEngine, among: readonly State[], count: number, after: string | undefined): Promise<Place[]> {
  const cursor = after === undefined ? undefined : readCursor(among, after);
  const places: Place[] = [];
  for (const state of cursor ? among.slice(among.indexOf(cursor.state)) : among) {
    if (places.length >= count) break;
    const from = state === cursor?.state ? await positionAfter(engine, cursor) : 0;
    const jobIds = await readIds(engine, state, from, count - places.length);
    places.push(...jobIds.map((jobId) => ({ state, jobId, score: "" })));
  }
  return places;
}

/** BullMQ adds to a list at its left end and takes from the right. */
async function readIds({ client, backend }: RedisEngine, { name, kind }: State, from: number, count: number): Promise<readonly string[]> {
  const key = backend.toKey(name);
  if (kind === "sorted") return client.zrange(key, from, from + count - 1);
  return (await client.lrange(key, -from - count, -from - 1)).toReversed();
}

/**
 * Where the next page begins. Where the last job of the page before has left a list, all that stood before it mostly has too, so
 * the list is read from its start; in a sorted set its score still tells the place.
 */
async function positionAfter({ client, backend }: RedisEngine, { state, jobId, score }: Place): Promise<number> {
  const key = backend.toKey(state.name);
  if (state.kind === "sorted") {
    const rank = await client.zrank(key, jobId);
    return rank === null ? client.zcount(key, "-inf", `(${score}`) : rank + 1;
  }
  const [index, length] = await Promise.all([client.lpos(key, jobId), client.llen(key)]);
  return index === null ? 0 : length - index;
}

async function writeCursor({ client, backend }: RedisEngine, { state, jobId }: Place): Promise<string> {
  const score = state.kind === "sorted" ? await client.zscore(backend.toKey(state.name), jobId) : "";
  return [state.name, score ?? "0", jobId].join(":");
}

/** Undefined, and so the first page, for what is no cursor of this listing. */
function readCursor(among: readonly State[], cursor: string): Place | undefined {
  const [, name, score = "", jobId = ""] = /^([^:]*):([^:]*):(.*)$/s.exec(cursor) ?? [];
  const state = among.find((each) => each.name === name);
  const isRank = state?.kind === "list" || Number.isFinite(Number.parseFloat(score));
  return state && isRank ? { state, jobId, score } : undefined;
}

async function readJob(engine: RedisEngine, { state, jobId }: Place, now: number): Promise<StoredJob | undefined> {
  const { client, backend } = engine;
  const [job, leftMs, score] = await Promise.all([
    backend.getJobData(jobId),
    state.name === "active" ? client.pttl(backend.toKey(`${jobId}:lock`)) : undefined,
    state.name === "delayed" ? client.zscore(backend.toKey(state.name), jobId) : undefined,
  ]);
  if (!job) return undefined;
  if (leftMs !== undefined) return toStoredJob(jobId, job, now + Math.max(0, leftMs));
  return toStoredJob(jobId, job, score ? Number(score) / scorePerMs : (job.finishedOn ?? job.timestamp));
}

/** BullMQ's scores of delayed jobs are milliseconds with twelve bits more, which keep the order of those of one time. */
const scorePerMs = 0x1000;
