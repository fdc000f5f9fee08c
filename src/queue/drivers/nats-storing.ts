import type { NatsEngine, NatsTools } from "./nats-engine.ts";
import { encodeMessage, type NatsJob, subjectPart } from "./nats-message.ts";

/** Codes under which the server tells of many a failure, and which one only in words that change. */
const storingFailed = 10_077;
const deletionFailed = new Set<unknown>([10_057, 10_043]);

/** Stores a job, unless one of its id is stored. A stream that is full or a disk that fails refuses under the same code as that does. */
export async function storeJob(job: NatsJob, { names, room }: NatsEngine, { client, manager }: NatsTools): Promise<void> {
  const subject = `${names.jobs}.job.${subjectPart(job.id)}`;
  try {
    await client.publish(subject, encodeMessage(job, room));
  } catch (error) {
    if (codeOf(error) !== storingFailed) throw error;
    if (!(await manager.streams.getMessage(names.jobs, { last_by_subj: subject }))) throw error;
  }
}

/** Deletes one message of a stream; answers false where it was gone. */
export async function deleteMessage(stream: string, sequence: number, { manager }: NatsTools): Promise<boolean> {
  try {
    return await manager.streams.deleteMessage(stream, sequence, false);
  } catch (error) {
    if (!deletionFailed.has(codeOf(error))) throw error;
    if (await manager.streams.getMessage(stream, { seq: sequence })) throw error;
    return false;
  }
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { readonly code?: unknown } | undefined)?.code;
}
