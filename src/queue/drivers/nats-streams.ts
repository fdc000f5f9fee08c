import type { ConsumerConfig, ConsumerInfo, JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import { ConfigurationError } from "../../errors.ts";

/** The queue's streams: jobs to be done, what is known of jobs that came back, and dead letters. Then the subject that wakes workers. */
export interface NatsNames {
  readonly jobs: string;
  readonly states: string;
  readonly dead: string;
  readonly announce: string;
}

/** The one consumer of the jobs, which all processes share. */
export const consumerName = "workers";

const notFound = 404;
const nanosecondsPerMs = 1_000_000;

/**
 * Makes the streams that are missing.
 *
 * @throws ConfigurationError `invalid_options` where one is there with settings under which jobs would be lost or done twice.
 */
export async function makeStreams(manager: JetStreamManager, { jobs, states, dead }: NatsNames, replicas: number): Promise<void> {
  const common = { storage: "file", max_msgs_per_subject: 1, no_ack: false } as const;
  const letters = { ...common, retention: "limits", discard: "old", discard_new_per_subject: false } as const;
  await Promise.all([
    // A second message of a subject is refused while the first is stored: that makes ids unique.
    makeStream(manager, replicas, {
      ...common,
      name: jobs,
      subjects: [`${jobs}.job.*`],
      retention: "workqueue",
      discard: "new",
      discard_new_per_subject: true,
      max_age: 0,
    }),
    makeStream(manager, replicas, { ...letters, name: states, subjects: [`${jobs}.state.*`], max_age: 0 }),
    makeStream(manager, replicas, { ...letters, name: dead, subjects: [`${jobs}.dead.*`] }),
  ]);
}

async function makeStream(
  manager: JetStreamManager,
  replicas: number,
  wanted: Partial<StreamConfig> & { readonly name: string },
): Promise<void> {
  const found = await orUndefined(manager.streams.info(wanted.name));
  if (!found) {
    await manager.streams.add({ ...wanted, num_replicas: replicas });
    return;
  }
  const others = othersOf(found.config, wanted);
  if (others.length === 0) return;
  throw new ConfigurationError(
    "invalid_options",
    `The stream ${wanted.name} exists, and is none of Hookwright's or has been changed (${others.join(", ")}): choose another \`name\`, or set it right.`,
  );
}

/** What is to be known of the consumer. */
export interface NatsConsumer {
  /** After how long a message that was handed out comes again. */
  readonly ackWaitMs: number;
  /** Since when deliveries are counted, in Unix milliseconds of the server. */
  readonly since: number;
}

/**
 * Sees to it that a message handed out comes again only after `leaseMs`. That time only ever grows.
 *
 * @throws ConfigurationError `invalid_options` where the consumer has settings under which jobs would be lost or held up.
 */
export async function ensureAckWait(manager: JetStreamManager, stream: string, leaseMs: number): Promise<NatsConsumer> {
  const ackWait = leaseMs * nanosecondsPerMs;
  const wanted = {
    durable_name: consumerName,
    ack_policy: "explicit",
    max_deliver: -1,
    max_ack_pending: -1, // jobs that wait for their time are pending, and must not hold up others
  } as const;
  const found = await orUndefined(manager.consumers.info(stream, consumerName));
  if (!found) return consumerOf(await manager.consumers.add(stream, { ...wanted, ack_wait: ackWait }));
  const others = othersOf<ConsumerConfig>(found.config, { ...wanted, ...absent });
  if (others.length > 0) {
    throw new ConfigurationError(
      "invalid_options",
      `The consumer ${consumerName} of the stream ${stream} has been changed (${others.join(", ")}): set it right, or remove it.`,
    );
  }
  if ((found.config.ack_wait ?? 0) >= ackWait) return consumerOf(found);
  return consumerOf(await manager.consumers.update(stream, consumerName, { ack_wait: ackWait }));
}

function consumerOf({ config, created }: ConsumerInfo): NatsConsumer {
  return { ackWaitMs: (config.ack_wait ?? 0) / nanosecondsPerMs, since: Date.parse(created) };
}

/** Settings that the consumer must not have: a list of times in place of the one, a part of the jobs, or a receiver of its own. */
const absent = { backoff: undefined, filter_subject: undefined, filter_subjects: undefined, deliver_subject: undefined };

/** Names of the settings that differ. The server leaves out what is off. */
function othersOf<Config extends object>(found: Config, wanted: { readonly [Name in keyof Config]?: Config[Name] | undefined }): string[] {
  const names = Object.keys(wanted) as (keyof Config & string)[];
  return names.filter((name) => JSON.stringify(found[name] || undefined) !== JSON.stringify(wanted[name] || undefined));
}

async function orUndefined<Info>(asked: Promise<Info>): Promise<Info | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { status } = error as { readonly status?: unknown };
    if (status === notFound) return undefined;
    throw error;
  }
}
