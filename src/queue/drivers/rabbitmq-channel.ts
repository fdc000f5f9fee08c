import { ConfigurationError } from "../../errors.ts";
import { closeMs, inTime } from "./rabbitmq-answers.ts";
import type { RabbitmqChannel } from "./rabbitmq-connection.ts";
import type { QueueDeclaration } from "./rabbitmq-topology.ts";

/** One channel, made when it is first needed and anew when it has died. */
export class ChannelSlot {
  readonly #acquire: () => Promise<RabbitmqChannel>;
  readonly #prepare: (channel: RabbitmqChannel) => Promise<void>;
  #channel: RabbitmqChannel | undefined;
  #pending: Promise<RabbitmqChannel> | undefined;
  #isClosed = false;

  constructor(acquire: () => Promise<RabbitmqChannel>, prepare: (channel: RabbitmqChannel) => Promise<void>) {
    this.#acquire = acquire;
    this.#prepare = prepare;
  }

  /** The channel, if it is there and alive. */
  get current(): RabbitmqChannel | undefined {
    return this.#channel?.active ? this.#channel : undefined;
  }

  async ready(): Promise<RabbitmqChannel> {
    if (this.current) return this.current;
    this.#pending ??= this.#make().finally(() => {
      this.#pending = undefined;
    });
    return inTime("open a channel", this.#pending);
  }

  /** Closes it, and what is still being made as soon as it is there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.current) await closeChannel(this.current);
  }

  async #make(): Promise<RabbitmqChannel> {
    const channel = await this.#acquire();
    channel.on("error", () => undefined); // whoever waits for an answer is told; without a listener the process would end
    try {
      await this.#prepare(channel);
      if (this.#isClosed) throw new Error("The queue has been closed.");
    } catch (error) {
      await closeChannel(channel);
      throw error;
    }
    this.#channel = channel;
    return channel;
  }
}

/** Closes a channel, or gives up after a while. */
export async function closeChannel(channel: RabbitmqChannel): Promise<void> {
  await inTime("close a channel", channel.close(), closeMs).catch(() => undefined);
}

/**
 * Makes sure that a queue is there, as declared.
 *
 * @throws ConfigurationError `invalid_options` where there is one of this name that was declared in another way.
 */
export async function declareQueue(channel: RabbitmqChannel, { queue, durable, arguments: given }: QueueDeclaration): Promise<void> {
  try {
    await inTime("declare a queue", channel.queueDeclare({ queue, durable, arguments: { ...given } }));
  } catch (error) {
    if ((error as { readonly code?: unknown } | undefined)?.code !== "PRECONDITION_FAILED") throw error;
    const message = `rabbitmqQueue: RabbitMQ has a queue "${queue}" with other settings. Choose another name, or delete it once it is empty.`;
    throw new ConfigurationError("invalid_options", message, { cause: error });
  }
}
