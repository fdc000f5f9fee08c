import { Queue, Worker } from "bullmq";
import { type Contender, chunks, type JsonJob, jsonOf, type OnJob, type OpenContender } from "./contender.ts";
import { removeKeys } from "./redis-keys.ts";

/** BullMQ as its documentation has it used. */
export function bullmq(concurrency: number): OpenContender {
  return async (place): Promise<Contender> => {
    const connection = { url: place.url };
    const options = { removeOnComplete: true, attempts: 10 };
    const queue = new Queue<JsonJob>(place.name, { connection, defaultJobOptions: options });
    await queue.waitUntilReady();
    return {
      send: async (job) => void (await queue.add("work", jsonOf(job))),
      fill: async (jobs) => {
        for (const chunk of chunks(jobs, 500)) await queue.addBulk(chunk.map((job) => ({ name: "work", data: jsonOf(job) })));
      },
      consume: async (onJob: OnJob) => {
        const worker = new Worker<JsonJob>(place.name, async ({ data }) => onJob(data.body), {
          connection: { ...connection, maxRetriesPerRequest: null },
          concurrency,
        });
        return () => worker.close();
      },
      clear: () => removeKeys(place, { except: "meta" }),
      remove: async () => {
        await queue.close();
        await removeKeys(place);
      },
    };
  };
}
